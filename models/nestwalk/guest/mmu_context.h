// Which tables the guest's CR3 names, and the flushes that its edits of them need.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "nestwalk/cpu/guest_instructions.h"
#include "nestwalk/guest/kernel_config.h"
#include "nestwalk/guest/pcid_pool.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::guest {

/// Loads CR3 and flushes. Only the current process's tables are ever edited while they may be cached, so all flushes
/// are of the current context.
class mmu_context {
 public:
  struct counters {
    statistics::counter switches = 0;
    statistics::counter kept = 0;
    statistics::counter page_flushes = 0;
    statistics::counter full_flushes = 0;
  };

  mmu_context(sc_core::sc_port<cpu::guest_instructions_if>& cpu, const kernel_config& config);

  /// Turns 4- or 5-level paging on, with the first process's tables and all that this kernel relies on: NX, WP, PGE,
  /// SMEP, SMAP, and PCIDs by configuration. In the order that the SDM asks for (vol. 3, 4.1.2 and 4.10.1).
  void start(paging::gpa root, std::uint64_t context);
  /// Makes the tables at `root`, those of `context`, the current ones.
  void switch_to(paging::gpa root, std::uint64_t context);
  /// Takes the pages that hold the addresses out of the TLBs, and with them every walk cache's entry of the context:
  /// one by one, or all at once where they are many.
  void flush(const std::vector<paging::gva>& pages);
  void flush_all();

  void describe(statistics::group& into);

 private:
  sc_core::sc_port<cpu::guest_instructions_if>& cpu_;
  const kernel_config& config_;
  pcid_pool pcids_;
  std::uint64_t cr3_ = 0;  // root and PCID
  counters counts_;
};

}  // namespace nestwalk::guest
