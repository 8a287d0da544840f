// What one memory port counts.
#pragma once

#include <array>

#include "nestwalk/paging/fault.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::translation {

/// Of one memory socket that translates.
struct access_counters {
  statistics::counter accesses = 0;
  statistics::counter page_crossings = 0;
  statistics::counter further_pages = 0;                          ///< translations of page crossings beyond the first
  std::array<statistics::counter, paging::fault_kinds> faults{};  ///< by kind
  statistics::counter miss_time = 0;  ///< in translations that missed the L1 TLB, in steps of time resolution
  statistics::counter dmi_grants = 0;

  void describe(statistics::group& into);
};

}  // namespace nestwalk::translation
