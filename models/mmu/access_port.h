// One of the mmu's two memory sides: it translates what the core sends and passes it on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <systemc>
#include <tlm>

#include "mmu/grant_ledger.h"
#include "mmu/mmu_counters.h"
#include "mmu/register_file.h"
#include "protocol/access_extension.h"
#include "protocol/memory_sockets.h"
#include "protocol/payload_pool.h"
#include "protocol/translation.h"
#include "tlb/tlb.h"

namespace nestwalk::mmu {

/// Serves one memory target socket of the mmu, asks its own translation socket, and sends on through one memory
/// initiator socket. An access within a 4-KByte page goes down as the same payload, its address replaced and restored;
/// one that touches more is translated page by page first, so that a fault in any writes nothing, and goes down as a
/// payload a page, which carries the access extension and no other.
class access_port : public protocol::blocking_target,
                    public protocol::blocking_initiator,
                    public protocol::translation_bw_if<paging::gva> {
 public:
  // Both memory interfaces declare this typedef.
  using protocol_types = tlm::tlm_base_protocol_types;
  /// What a fault that ended an access drops by itself.
  using fault_handler = std::function<void(const paging::fault&, paging::gva at, sc_core::sc_time& delay)>;

  struct surroundings {
    side which;
    const register_file& registers;
    grant_ledger& grants;
    fault_handler faulted;
    protocol::memory_initiator_socket& memory;
    std::string translations_name;
  };

  explicit access_port(const surroundings& s);

  protocol::translation_initiator_socket<paging::gva> translations;

  /// The TLB that `translations` is bound to, where it is one: looked up without a call through the socket.
  void look_up_in(tlb::tlb<paging::gva>* first) { first_ = first; }
  /// Once all is bound.
  void elaborated() { below_ = memory_.operator->(); }

  void describe(statistics::group& into);
  const access_counters& counts() const { return counts_; }

  // Forward.
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
  // Backward.
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;
  void withdrawn(const paging::selector& scope) override { grants_.take_back(scope); }

 private:
  struct piece {
    paging::hpa at;
    unsigned offset;  // in the access's data
    unsigned length;
  };
  using extension = protocol::access_extension;

  paging::access access_of(const tlm::tlm_generic_payload& payload, const extension* asked) const;
  bool translate(paging::gva at, paging::access a, paging::hpa& output, paging::fault& why, sc_core::sc_time& delay);
  bool miss(paging::gva at, paging::access a, paging::hpa& output, paging::fault& why, sc_core::sc_time& delay);
  void refuse(tlm::tlm_generic_payload& payload, extension* asked, const paging::fault& why);

  void transport_across(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool send(const tlm::tlm_generic_payload& whole, const piece& part, extension* asked, sc_core::sc_time& delay,
            tlm::tlm_response_status& status);

  bool look(paging::gva at, paging::access a, protocol::translation<paging::gva>& t);
  bool grant_below(tlm::tlm_generic_payload& payload, const protocol::translation<paging::gva>& t, tlm::tlm_dmi& grant);

  const side side_;
  const register_file& registers_;
  grant_ledger& grants_;
  const fault_handler faulted_;
  protocol::memory_initiator_socket& memory_;
  protocol::memory_forward* below_ = nullptr;
  tlb::tlb<paging::gva>* first_ = nullptr;
  protocol::payload_pool pieces_;
  access_counters counts_;
};

}  // namespace nestwalk::mmu
