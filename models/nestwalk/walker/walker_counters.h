// What a walker counts.
#pragma once

#include <array>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/format.h"
#include "nestwalk/protocol/memory_level.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/statistics/histogram.h"

namespace nestwalk::walker {

/// Reads of table entries. Indices of `reads_by_level` are the level of the entry, 1 the lowest.
struct read_counters {
  std::array<statistics::counter, paging::most_levels + 1> reads_by_level{};
  std::array<statistics::counter, protocol::memory_levels> reads_by_server{};

  /// Reads of every level.
  statistics::counter reads() const;
};

/// Counters of one walker: of the guest dimension in a guest's walker, of the nested one in a nested walker. Walks done
/// again with nothing cached, and what a walk of the guest's walker that is done again asks of the nested one, are
/// counted separately, so that walks, reads and latency are those of the misses that led to them.
struct walker_counters : read_counters {
  statistics::counter walks = 0;
  statistics::counter rewalks = 0;
  statistics::counter rewalk_cycles = 0;
  read_counters again;  ///< of the walks done again
  statistics::counter exchanges = 0;
  statistics::counter lost_exchanges = 0;
  statistics::counter pages_logged = 0;  ///< records of the page-modification log
  std::array<statistics::counter, paging::most_levels + 1> cache_hits_by_level{};
  statistics::counter cache_misses = 0;
  std::array<statistics::counter, paging::fault_kinds> faults_by_kind{};  ///< by paging::fault_kind
  statistics::histogram latency;                                          ///< cycles of a walk

  /// Walks that ended in a fault of any kind.
  statistics::counter faults() const;
  /// Registers all of it.
  void describe(statistics::group& into);
};

}  // namespace nestwalk::walker
