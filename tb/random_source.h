// Random numbers that are the same everywhere: the standard library's distributions are not.
#pragma once

#include <cstdint>

namespace nestwalk::tb {

/// SplitMix64 (Steele, Lea, Flood 2014).
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() { return scramble(state_ += 0x9e3779b97f4a7c15); }
  /// 0 to `n` - 1.
  unsigned below(unsigned n) { return static_cast<unsigned>((next() >> 32) * n >> 32); }
  /// True `parts` times in 10,000.
  bool chance(unsigned parts) { return below(10'000) < parts; }

  static std::uint64_t scramble(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace nestwalk::tb
