// Which way of a set was used longest ago, without looking at every way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nestwalk::associative {

/// The order in which the ways of each set were used last. At first way 0 is the oldest, then way 1 and so on.
class recency {
 public:
  recency(unsigned sets, unsigned ways);

  /// The way becomes its set's newest.
  void touch(unsigned set, unsigned way) {
    const std::size_t ring = ring_of(set);
    const std::uint32_t at = way + 1;
    link& moved = links_[ring + at];
    links_[ring + moved.older].newer = moved.newer;
    links_[ring + moved.newer].older = moved.older;
    link& end = links_[ring];
    moved = {end.older, 0};
    links_[ring + end.older].newer = at;
    end.older = at;
  }
  /// The set's oldest way.
  unsigned oldest(unsigned set) const { return links_[ring_of(set)].newer - 1; }

 private:
  /// A set is a ring of its ways, numbered from 1, and of an end, 0, older than the oldest and newer than the newest.
  struct link {
    std::uint32_t older;
    std::uint32_t newer;
  };

  std::size_t ring_of(unsigned set) const { return std::size_t{set} * ring_size_; }

  std::size_t ring_size_;
  std::vector<link> links_;  // by set, then number in the ring
};

}  // namespace nestwalk::associative
