// Remaps requests: resolves how each is translated, translates it, and records why one is blocked.
#pragma once

#include <cstdint>
#include <memory>

#include <systemc>

#include "nestwalk/iommu/device_resolver.h"
#include "nestwalk/iommu/fault_log.h"
#include "nestwalk/iommu/register_file.h"
#include "nestwalk/iommu/transfers.h"
#include "nestwalk/iommu/translation_path.h"
#include "nestwalk/paging/usually.h"
#include "nestwalk/paging/vtd_domain.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/translation/grant_ledger.h"
#include "nestwalk/translation/memory_port.h"

namespace nestwalk::iommu {

/// How the requests of a device are translated: what its tables say, and the domain made of it. Immutable, and held by
/// every request that is under way in it.
struct device_domain {
  device_resolver::resolution found;
  paging::domain domain;
  unsigned address_bits = 0;         ///< of a request that no first stage translates
  bool by_iotlb = false;             ///< a first stage translates, with or without a second, and there is an IOTLB
  sc_core::sc_time entries_latency;  ///< of the look-ups that find its device entries kept
};

/// What became of a request.
struct remapped {
  bool allowed = false;
  paging::hpa output;                                   ///< where it goes
  paging::vtd::reason why = paging::vtd::reason::none;  ///< else why it is blocked
  bool disables_faults = false;                         ///< and whether that is not to be recorded
  paging::fault fault;                                  ///< and the translation's own account, where there is one
};

/// What a device port keeps of its last resolution: good for requests of the same kind while nothing was invalidated.
struct last_resolution {
  std::uint64_t kind = ~std::uint64_t{0};
  std::uint64_t epoch = 0;
  std::shared_ptr<const device_domain> domain;
};

/// The way of a request through the unit while translation is on.
class remapper {
 public:
  struct counters {
    statistics::counter requests = 0;
    statistics::counter blocked = 0;
    statistics::counter untranslated = 0;  ///< requests while translation was off
    statistics::counter interrupts = 0;    ///< requests without PASID to the interrupt address range
  };

  remapper(const iommu_config& c, register_file& registers, fault_log& faults, device_resolver& resolver,
           translation_path& path, translation::grant_ledger& grants);

  /// The root table is set anew.
  void set_tables(std::uint64_t rtaddr);
  paging::vtd::table_mode mode() const { return tables_->mode; }
  void enable(bool on);
  /// The protected regions may be others now.
  void protection_changed();

  /// Where a request goes; adds the time that it takes to `delay`. Blocked ones are recorded, and `why` is the
  /// translation's own account, where there is one. `kind` is `context_of(r)`.
  [[gnu::always_inline]] bool remap(const paging::vtd::request& r, std::uint64_t kind, std::uint64_t address,
                                    unsigned length, last_resolution& last, paging::hpa& output, paging::fault& why,
                                    sc_core::sc_time& delay) {
    ++counts_.requests;
    if (enabled_ && is_known(last, kind) && last.domain->by_iotlb && !is_interrupt(r, address)) {
      const device_domain& d = *last.domain;
      resolver_.use_again(d.found);
      delay += d.entries_latency;
      const auto* const hit = path_.first_stage.look_up(
          paging::gva(address), paging::vtd::first_stage_access(r, d.found.assigned), d.domain, delay);
      if (hit == nullptr) return remap_missed(r, address, length, last, output, why, delay);
      output = hit->translate(paging::gva(address));
      if (paging::usually(may_go_to(output, length))) return true;
      return remap_denied(r, address, length, last, output, why, delay);
    }
    return remap_any(r, address, length, last, output, why, delay);
  }
  /// What the tables in memory map the address to, without effect: false where a request would be blocked, or is no
  /// access to memory but an interrupt.
  bool look(const paging::vtd::request& r, std::uint64_t address, translation::seen_mapping& seen);
  /// What a request takes in the unit that goes where `seen` says and finds everything cached.
  sc_core::sc_time hit_latency(const translation::seen_mapping& seen) const;

  /// One number for all that a device's requests of one translation have in common: its source, its PASID, its
  /// privilege, whether it fetches, and whether the address is translated already.
  static std::uint64_t context_of(const paging::vtd::request& r) {
    constexpr unsigned flags_from = 20;
    const unsigned flags = (r.has_pasid ? 1u : 0) | (r.privileged ? 2u : 0) |
                           (r.access == paging::access_type::fetch ? 4u : 0) |
                           (r.type == paging::vtd::request_type::translated ? 8u : 0);
    return std::uint64_t{r.source} << context_source | flags << flags_from | r.pasid;
  }

  /// Takes away what a descriptor selects.
  void invalidate(const paging::vtd::descriptor& d);

  transfers& inside() { return inside_; }
  counters& counts() { return counts_; }
  void describe(statistics::group& into);

 private:
  static constexpr unsigned context_source = 32;  // the requester id in the number of a context
  using request = paging::vtd::request;
  using shared_device_domain = std::shared_ptr<const device_domain>;

  // The domain of a request, and whether something kept led to it.
  struct resolved {
    shared_device_domain domain;
    bool from_cache = false;
  };

  // How a translation is asked for: in time, perhaps with nothing cached, or after the IOTLB was looked up in vain; or,
  // with `seen`, by a look.
  struct way {
    sc_core::sc_time* delay = nullptr;
    bool uncached = false;
    translation::seen_mapping* seen = nullptr;
    bool missed = false;
  };

  bool is_known(const last_resolution& last, std::uint64_t kind) const {
    return last.kind == kind && last.epoch == resolver_.generation() + tables_epoch_;
  }
  // Without PASID, and not translated already, a request to the interrupt range is an interrupt.
  static bool is_interrupt(const request& r, std::uint64_t address) {
    return paging::vtd::in_interrupt_range(address) && !r.has_pasid &&
           r.type == paging::vtd::request_type::untranslated;
  }
  // Translated requests with PASID, and any while translation is off, are answered as unsupported; nothing is recorded
  // (4.2.1).
  bool is_unsupported(const request& r) const {
    return r.type == paging::vtd::request_type::translated && (r.has_pasid || !enabled_);
  }
  // What tables translated ends in memory that is not protected, and no interrupt.
  bool may_go_to(paging::hpa output, unsigned length) const {
    return !paging::vtd::in_interrupt_range(output.value) && (!protects_always_ || pass(output.value, length).allowed);
  }
  bool remap_any(const request& r, std::uint64_t address, unsigned length, last_resolution& last, paging::hpa& output,
                 paging::fault& why, sc_core::sc_time& delay);
  bool remap_missed(const request& r, std::uint64_t address, unsigned length, const last_resolution& last,
                    paging::hpa& output, paging::fault& why, sc_core::sc_time& delay);
  bool remap_denied(const request& r, std::uint64_t address, unsigned length, const last_resolution& last,
                    paging::hpa& output, paging::fault& why, sc_core::sc_time& delay);
  bool end(const request& r, std::uint64_t address, unsigned length, remapped& to, bool from_cache, paging::hpa& output,
           paging::fault& why, sc_core::sc_time& delay);

  shared_device_domain make_domain(const device_resolver::resolution& found) const;
  resolved resolve(const request& r, last_resolution& last, sc_core::sc_time& delay);
  remapped translate(const request& r, std::uint64_t address, const device_domain& d, const way& by);
  template <class In>
  void ask(protocol::translation<In>& t, const device_domain& d, const way& by, remapped& to);
  void pass_as_it_is(std::uint64_t address, const paging::translation_tags& tags, const way& by, remapped& to) const;
  remapped pass(std::uint64_t address, unsigned length) const;
  static bool passes_as_interrupt(const request& r, unsigned length);
  void judge_output(const request& r, unsigned length, const device_domain& d, remapped& to) const;
  remapped in_domain(const request& r, std::uint64_t address, unsigned length, const device_domain& d, const way& by);
  void cut(const request& r, std::uint64_t address, translation::seen_mapping& seen) const;
  remapped once_more(const request& r, std::uint64_t address, unsigned length, sc_core::sc_time& delay);
  void take_back(const paging::vtd::context_selector& s);
  void take_back(const paging::vtd::pasid_selector& s);
  void block(const request& r, std::uint64_t address, remapped& to);

  const iommu_config& config_;
  register_file& registers_;
  fault_log& faults_;
  device_resolver& resolver_;
  translation_path& path_;
  translation::grant_ledger& grants_;
  transfers inside_;
  std::shared_ptr<const paging::vtd::device_tables> tables_;
  std::uint64_t tables_epoch_ = 0;
  bool enabled_ = false;
  bool protects_always_;  // from version 2.0 on, whatever translated the request (11.4.8.1)
  counters counts_;
};

}  // namespace nestwalk::iommu
