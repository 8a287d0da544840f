// A statistic that is the sum of counters.
#pragma once

#include <array>
#include <vector>

#include "nestwalk/statistics/counter.h"

namespace nestwalk::statistics {

/// Names the counters that it adds up, which must outlive it and not move; so a reset of the sum reaches each of them,
/// whether or not it is a statistic of its own.
class sum {
 public:
  /// Adds one more.
  sum& of(counter& one) {
    parts_.push_back(&one);
    return *this;
  }
  /// Adds all of an array.
  template <std::size_t N>
  sum& of(std::array<counter, N>& all) {
    for (counter& each : all) parts_.push_back(&each);
    return *this;
  }

  counter value() const {
    counter all = 0;
    for (const counter* each : parts_) all += *each;
    return all;
  }
  /// Sets every one to zero.
  void reset() {
    for (counter* each : parts_) *each = 0;
  }

 private:
  std::vector<counter*> parts_;
};

}  // namespace nestwalk::statistics
