// What an mmu counts.
#pragma once

#include <array>

#include "paging/fault.h"
#include "statistics/counter.h"
#include "statistics/group.h"

namespace nestwalk::mmu {

inline constexpr unsigned fault_kinds = 8;

/// Of one memory socket.
struct access_counters {
  statistics::counter accesses = 0;
  statistics::counter page_crossings = 0;
  statistics::counter further_pages = 0;                  ///< translations of page crossings beyond the first
  std::array<statistics::counter, fault_kinds> faults{};  ///< by kind
  statistics::counter miss_time = 0;  ///< in translations that missed the L1 TLB, in steps of time resolution
  statistics::counter dmi_grants = 0;

  void describe(statistics::group& into);
};

/// Of the control socket. A flush is counted under what owed it.
struct control_counters {
  statistics::counter cr3_loads = 0;
  statistics::counter cr3_loads_without_flush = 0;
  statistics::counter register_flushes = 0;
  statistics::counter refused_writes = 0;
  statistics::counter invlpg = 0;
  statistics::counter invpcid = 0;
  statistics::counter invept = 0;
  statistics::counter invvpid = 0;
  statistics::counter invlpga = 0;
  statistics::counter vm_entries = 0;
  statistics::counter vm_exits = 0;
  statistics::counter transition_flushes = 0;
  statistics::counter fault_drops = 0;

  void describe(statistics::group& into);
};

}  // namespace nestwalk::mmu
