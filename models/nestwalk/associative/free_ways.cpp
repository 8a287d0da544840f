#include "nestwalk/associative/free_ways.h"

namespace nestwalk::associative {

namespace {

constexpr std::uint64_t bit_of(unsigned n) {
  return std::uint64_t{1} << (n % 64);
}

}  // namespace

free_ways::free_ways(unsigned sets, unsigned ways) {
  for (unsigned bits = ways;; bits = (bits + 63) / 64) {
    const std::size_t words = (bits + 63) / 64;
    levels_.push_back({words, std::vector<std::uint64_t>(sets * words)});
    for (unsigned set = 0; set < sets; ++set)
      for (unsigned bit = 0; bit < bits; ++bit) levels_.back().word(set, bit) |= bit_of(bit);
    if (words == 1) return;
  }
}

unsigned free_ways::lowest(unsigned set) const {
  std::size_t at = 0;
  for (auto l = levels_.rbegin(); l != levels_.rend(); ++l) {
    const std::uint64_t word = l->bits[set * l->words + at];
    if (word == 0) return none;  // in the last level alone: above it a bit stands for a word that has one
    at = at * 64 + static_cast<unsigned>(__builtin_ctzll(word));
  }
  return static_cast<unsigned>(at);
}

void free_ways::take(unsigned set, unsigned way) {
  for (level& l : levels_) {
    std::uint64_t& word = l.word(set, way);
    word &= ~bit_of(way);
    if (word != 0) return;
    way /= 64;
  }
}

void free_ways::release(unsigned set, unsigned way) {
  for (level& l : levels_) {
    std::uint64_t& word = l.word(set, way);
    const bool known = word != 0;
    word |= bit_of(way);
    if (known) return;
    way /= 64;
  }
}

}  // namespace nestwalk::associative
