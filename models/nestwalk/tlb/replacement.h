// Which way of a set a fill takes.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "nestwalk/associative/recency.h"
#include "nestwalk/tlb/config.h"

namespace nestwalk::tlb {

/// The state of one policy over `sets` sets of `ways` ways. Using the way of a set that was used last changes nothing.
class replacement {
 public:
  /// Up to so many ways victims by age are looked for; of more their order is kept, which costs each use a little.
  static constexpr unsigned most_aged_ways = 64;

  replacement(replacement_policy policy, unsigned sets, unsigned ways, std::uint32_t seed);

  /// A hit used the way.
  void used(unsigned set, unsigned way);
  /// A fill took the way.
  void filled(unsigned set, unsigned way);
  /// The way that the next fill of a full set takes.
  unsigned victim(unsigned set);

 private:
  /// What tells a victim; the first two by looking at the ages of all ways.
  enum class means : std::uint8_t { age_of_fill, age_of_use, order_of_fill, order_of_use, tree, chance };

  static means means_of(replacement_policy policy, unsigned ways);
  void stamp(unsigned set, unsigned way) { stamps_[std::size_t{set} * ways_ + way] = ++clock_; }
  void used_otherwise(unsigned set, unsigned way);
  void filled_otherwise(unsigned set, unsigned way);
  unsigned victim_otherwise(unsigned set);
  void point_away(unsigned set, unsigned way);
  unsigned pointed_at(unsigned set) const;

  means means_;
  unsigned ways_;
  unsigned leaves_ = 1;         // ways, rounded up to a power of two
  std::size_t tree_words_ = 1;  // of a set
  std::uint64_t clock_ = 0;
  std::vector<std::uint64_t> stamps_;            // lru: last use; fifo: fill
  std::unique_ptr<associative::recency> order_;  // of uses, or of fills
  std::vector<std::uint64_t> trees_;             // by set; bit n is node n, 1 the root; a set bit points right
  std::minstd_rand random_;
};

}  // namespace nestwalk::tlb
