// The requests that are inside a remapping unit, so that an invalidation can wait for those that came before it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <systemc>

#include "nestwalk/timing/local_time.h"

namespace nestwalk::iommu {

/// Counts requests from before they are translated until memory has answered. `drain` waits for all that began before
/// it, and until their local time has come; one process may drain at a time.
class transfers {
 public:
  /// A request's stay in the unit.
  class stay {
   public:
    explicit stay(transfers& of) : of_(of), side_(of.side_) { ++of_.inside_[side_]; }
    ~stay() {
      if (--of_.inside_[side_] == 0 && side_ != of_.side_) of_.left_.notify(sc_core::SC_ZERO_TIME);
    }
    stay(const stay&) = delete;
    stay& operator=(const stay&) = delete;
    /// The request ends at local time `delay`.
    void ends(const sc_core::sc_time& delay) { of_.latest_ = std::max(of_.latest_, of_.clock_.at(delay)); }

   private:
    transfers& of_;
    unsigned side_;
  };

  /// Waits, in the calling process, until every request that began before has ended.
  void drain() {
    const unsigned before = side_;
    side_ = 1 - side_;
    while (inside_[before] != 0) sc_core::wait(left_);
    const sc_core::sc_time until = sc_core::sc_time::from_value(latest_);
    if (until > sc_core::sc_time_stamp()) sc_core::wait(until - sc_core::sc_time_stamp());
  }

 private:
  std::array<std::uint64_t, 2> inside_{};
  unsigned side_ = 0;
  std::uint64_t latest_ = 0;  // local time at which the last of them ended
  timing::local_clock clock_;
  sc_core::sc_event left_;
};

}  // namespace nestwalk::iommu
