// Permutations of [0, size) that are computed, not stored: their memory does not grow with the size.
#pragma once

#include <cstdint>

namespace nestwalk::workload {

/// A bijection of [0, size) on itself that looks random: multiplications and shifts over the next power of two, taken
/// again while the result lies outside (cycle walking, under two turns on average).
class permutation {
 public:
  /// `size` is 1 to 2^62.
  permutation(std::uint64_t size, std::uint64_t seed);

  /// The number that `index`, below the size, is sent to.
  std::uint64_t operator()(std::uint64_t index) const {
    do {
      index = mixed(index);
    } while (index >= size_);
    return index;
  }

 private:
  friend class full_cycle;

  /// A bijection of the next power of two: odd multipliers and right shifts can all be undone.
  std::uint64_t mixed(std::uint64_t v) const {
    v = ((v ^ (v >> shift_)) * multiplier_[0] + offset_) & mask_;
    v = ((v ^ (v >> shift_)) * multiplier_[1]) & mask_;
    return v ^ (v >> shift_);
  }

  std::uint64_t size_;
  std::uint64_t mask_;
  unsigned shift_;
  std::uint64_t multiplier_[2];
  std::uint64_t offset_;
};

/// Visits each number of [0, size) once, in an order that looks random, and then all again in the same order: a linear
/// congruential sequence of full period (Hull and Dobell: odd increment, multiplier 1 modulo 4) behind a permutation,
/// which hides its regular low bits.
class full_cycle {
 public:
  /// `size` is 1 to 2^62.
  full_cycle(std::uint64_t size, std::uint64_t seed);

  /// The next number.
  std::uint64_t next() {
    std::uint64_t number;
    do {
      state_ = (state_ * multiplier_ + increment_) & mix_.mask_;
      number = mix_.mixed(state_);
    } while (number >= mix_.size_);
    return number;
  }

 private:
  permutation mix_;
  std::uint64_t multiplier_;
  std::uint64_t increment_;
  std::uint64_t state_;
};

}  // namespace nestwalk::workload
