// The tags of a set-associative cache and the order in which they were used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nestwalk::memory {

/// Tags, valid and dirty bits. The ways of a set are kept in order of use, the most recently used first: that one is
/// looked at first, the last one is the least recently used, and no ages are kept.
class tag_array {
 public:
  /// The line that made room, if it has to be written back.
  struct victim {
    bool valid;
    bool dirty;
    std::uint64_t line;
  };

  /// `sets` is a power of two.
  tag_array(std::size_t sets, unsigned ways) : ways_(ways), mask_(sets - 1), entries_(sets * ways) {}

  std::size_t sets() const { return mask_ + 1; }
  std::size_t set_of(std::uint64_t line) const { return line & mask_; }

  /// Whether `line` is the most recently used of its set; if it is and `dirty`, it is dirty from now on. Nothing else
  /// would change if `touch` were called instead.
  bool touch_first(std::uint64_t line, bool dirty) {
    std::uint64_t& first = entries_[set_of(line) * ways_];
    if ((first & ~dirty_bit) != tag_of(line)) return false;
    first |= static_cast<std::uint64_t>(dirty);
    return true;
  }

  /// Whether `line` is the most recently used of its set; without effect.
  bool is_first(std::uint64_t line) const { return (entries_[set_of(line) * ways_] & ~dirty_bit) == tag_of(line); }

  /// Looks `line` up; one that is there becomes the most recently used of its set, and dirty if `dirty`.
  bool touch(std::uint64_t line, bool dirty) {
    std::uint64_t* const set = &entries_[set_of(line) * ways_];
    const std::uint64_t tag = tag_of(line);
    for (unsigned way = 0; way < ways_; ++way) {
      if ((set[way] & ~dirty_bit) != tag) continue;
      const std::uint64_t found = set[way];
      for (; way > 0; --way) set[way] = set[way - 1];
      set[0] = found | static_cast<std::uint64_t>(dirty);
      return true;
    }
    return false;
  }

  /// Puts in `line`, which is not there, as the most recently used of its set, in place of the least recently used.
  victim insert(std::uint64_t line, bool dirty) {
    std::uint64_t* const set = &entries_[set_of(line) * ways_];
    const std::uint64_t last = set[ways_ - 1];
    for (unsigned way = ways_ - 1; way > 0; --way) set[way] = set[way - 1];
    set[0] = tag_of(line) | static_cast<std::uint64_t>(dirty);
    return {(last & valid_bit) != 0, (last & dirty_bit) != 0, last >> flag_bits};
  }

  /// Whether `line` is there, and whether it is dirty; without effect.
  bool holds(std::uint64_t line) const { return find(line) != 0; }
  bool dirty(std::uint64_t line) const { return (find(line) & dirty_bit) != 0; }

 private:
  static constexpr std::uint64_t dirty_bit = 1;
  static constexpr std::uint64_t valid_bit = 2;
  static constexpr unsigned flag_bits = 2;  // a line number has at most 60 bits, as a line has at least 16 bytes

  static std::uint64_t tag_of(std::uint64_t line) { return (line << flag_bits) | valid_bit; }
  std::uint64_t find(std::uint64_t line) const {
    const std::uint64_t* const set = &entries_[set_of(line) * ways_];
    for (unsigned way = 0; way < ways_; ++way)
      if ((set[way] & ~dirty_bit) == tag_of(line)) return set[way];
    return 0;
  }

  unsigned ways_;
  std::size_t mask_;
  std::vector<std::uint64_t> entries_;
};

}  // namespace nestwalk::memory
