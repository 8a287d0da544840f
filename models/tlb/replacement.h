// Which way of a set a fill takes.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tlb/config.h"

namespace nestwalk::tlb {

/// The state of one policy over `sets` sets of `ways` ways. Using the way of a set that was used last changes nothing.
class replacement {
 public:
  static constexpr unsigned most_tree_ways = 64;

  replacement(replacement_policy policy, unsigned sets, unsigned ways, std::uint32_t seed);

  /// A hit used the way.
  void used(unsigned set, unsigned way);
  /// A fill took the way.
  void filled(unsigned set, unsigned way);
  /// The way that the next fill of a full set takes.
  unsigned victim(unsigned set);

 private:
  void stamp(unsigned set, unsigned way) { stamps_[std::size_t{set} * ways_ + way] = ++clock_; }
  void point_away(unsigned set, unsigned way);
  unsigned oldest(unsigned set) const;
  unsigned pointed_at(unsigned set) const;

  replacement_policy policy_;
  unsigned ways_;
  unsigned leaves_ = 1;  // ways, rounded up to a power of two
  std::uint64_t clock_ = 0;
  std::vector<std::uint64_t> stamps_;  // lru: last use; fifo: fill
  std::vector<std::uint64_t> trees_;   // tree_plru: by set; bit n is node n, 1 the root; a set bit points right
  std::minstd_rand random_;
};

}  // namespace nestwalk::tlb
