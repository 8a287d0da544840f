// Which ways of a set are free, without looking at every way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nestwalk::associative {

/// The free ways of each set: all at first.
class free_ways {
 public:
  static constexpr unsigned none = ~0u;

  free_ways(unsigned sets, unsigned ways);

  /// The lowest free way of the set, or `none`.
  unsigned lowest(unsigned set) const;
  /// The way, which is free, is so no longer.
  void take(unsigned set, unsigned way);
  /// The way, which is not free, is so again.
  void release(unsigned set, unsigned way);

 private:
  /// Words of 64 bits. In the first level a bit is a free way, above it a word of the level below that has a bit; the
  /// last level has one word a set.
  struct level {
    std::size_t words;                // of one set
    std::vector<std::uint64_t> bits;  // by set, then word

    std::uint64_t& word(unsigned set, unsigned bit) { return bits[set * words + bit / 64]; }
  };

  std::vector<level> levels_;
};

}  // namespace nestwalk::associative
