// Whose domain a processor's access is in, and who translates it: the front of one of the mmu's two memory ports.
#pragma once

#include <cstdint>
#include <functional>

#include <systemc>
#include <tlm>

#include "nestwalk/mmu/fault_report.h"
#include "nestwalk/mmu/register_file.h"
#include "nestwalk/mmu/who_asks.h"
#include "nestwalk/paging/usually.h"
#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/translation.h"
#include "nestwalk/tlb/tlb.h"
#include "nestwalk/translation/access_counters.h"
#include "nestwalk/translation/entrance.h"
#include "nestwalk/translation/grant_ledger.h"
#include "nestwalk/translation/memory_port.h"

namespace nestwalk::mmu {

/// Every access is in the domain of the registers as they stand, unless the platform says otherwise. What an access may
/// do its extension says; a plain initiator counts as a supervisor that SMAP lets through.
class processor_front {
 public:
  /// What a fault that ended an access drops by itself.
  using fault_handler = std::function<void(const paging::fault&, paging::gva at, const paging::translation_tags& tags,
                                           sc_core::sc_time& delay)>;
  /// Who is told of every access that ended in a fault.
  using fault_listener = std::function<void(const fault_report&)>;

  struct request {
    paging::access access;
    const paging::shared_domain* domain = nullptr;  // null: that of the registers
  };

  /// `name` is that of the socket of `translations`.
  processor_front(side which, const char* name, const register_file& registers, translation::grant_ledger& grants,
                  fault_handler faulted, fault_listener listener);

  /// Its way into the mmu's stack.
  translation::entrance<paging::gva>& translations() { return translations_; }

  /// Asks the platform about every payload from now on.
  void ask_platform(who_asks hook) { hook_ = std::move(hook); }

  bool asks_platform() const { return static_cast<bool>(hook_); }
  request arrived(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) {
    if (!hook_) return arrived_plain(payload, asked);
    const request r = understand(payload, asked);
    if (r.domain == nullptr) grants_.seen(r.access.mode, registers_.domain().guest);
    return r;
  }
  /// As `arrived`, where no platform is asked: always in the domain of the registers.
  request arrived_plain(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) {
    const request r{access_of(payload, asked)};
    grants_.seen(r.access.mode, registers_.domain().guest);
    return r;
  }
  request seen(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) const;
  paging::gva linear(const request& r, std::uint64_t address) const {
    return paging::gva(address & (r.domain == nullptr ? registers_.linear_mask() : linear_mask_of(**r.domain)));
  }
  bool translate(const request& r, paging::gva at, unsigned, paging::hpa& output, paging::fault& why,
                 translation::access_counters& counts, sc_core::sc_time& delay) {
    if (translations_.has_tlb()) {
      const paging::domain& domain = r.domain == nullptr ? registers_.domain() : **r.domain;
      const auto* const found = translations_.look_up(at, r.access, domain, delay);
      if (found != nullptr) {
        output = found->translate(at);
        return true;
      }
    }
    return miss(r, at, output, why, counts, delay);
  }
  bool look(const request& r, paging::gva at, paging::access_type type, translation::seen_mapping& seen);
  /// A grant in a domain of the platform's is taken back by no change of registers, so that its initiator must know.
  bool grants(const request& r, const protocol::access_extension* asked) const {
    return r.domain == nullptr || (asked != nullptr && asked->keys_grants_by_context);
  }
  void refused(const tlm::tlm_generic_payload& payload, const paging::fault& why);
  /// What the last access that faulted ended in; of kind none where none has.
  const paging::fault& last_fault() const { return last_fault_; }
  sc_core::sc_time latency(const translation::seen_mapping&) const { return translations_.latency(); }

 private:
  paging::access access_of(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) const {
    using paging::access_type;
    const bool writes = payload.is_write();
    if (asked == nullptr) return {writes ? access_type::write : plain(), paging::access_mode::supervisor_ac};
    if (writes || asked->modify) return {access_type::write, asked->mode};
    return {asked->fetch ? access_type::fetch : plain(), asked->mode};
  }
  paging::access_type plain() const {
    return side_ == side::fetch ? paging::access_type::fetch : paging::access_type::read;
  }
  request understand(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) const;
  const paging::shared_domain& domain_of(const request& r) const {
    return r.domain == nullptr ? registers_.shared() : *r.domain;
  }
  bool miss(const request& r, paging::gva at, paging::hpa& output, paging::fault& why,
            translation::access_counters& counts, sc_core::sc_time& delay);

  translation::entrance<paging::gva> translations_;
  const side side_;
  const register_file& registers_;
  translation::grant_ledger& grants_;
  const fault_handler faulted_;
  const fault_listener listener_;
  who_asks hook_;
  paging::fault last_fault_;
};

}  // namespace nestwalk::mmu
