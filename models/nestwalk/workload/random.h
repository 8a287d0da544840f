// Random numbers that are the same on every machine and with every library.
#pragma once

#include <cstdint>

namespace nestwalk::workload {

/// xoshiro256** 1.0 (Blackman and Vigna, 2018), seeded through splitmix64 as its authors advise. Not for secrets.
class random_numbers {
 public:
  explicit random_numbers(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }

  /// Any 64 bits, all alike probable.
  std::uint64_t next() {
    const std::uint64_t result = rotated(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotated(state_[3], 45);
    return result;
  }

  /// A number from 0 to `limit` - 1, by multiplication; its bias is below `limit` / 2^64. `limit` is at least 1.
  std::uint64_t below(std::uint64_t limit) {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<wide>(next()) * limit) >> 64);
  }

  /// A number from 0 to just below 1, of 53 bits.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  static std::uint64_t rotated(std::uint64_t v, int by) { return (v << by) | (v >> (64 - by)); }

  std::uint64_t state_[4] = {};
};

}  // namespace nestwalk::workload
