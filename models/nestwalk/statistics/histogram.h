// A distribution of 64-bit values in log-linear buckets.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nestwalk::statistics {

/// Counts values: each value below 128 in a bucket of its own, every octave above that in 64 buckets of equal width, so
/// that a bucket is never wider than 1/64 of the values in it. Count, sum and max are exact.
class histogram {
 public:
  /// A run of values counted together, both ends included.
  struct bucket {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t count = 0;
  };

  /// Counts `value` once.
  void add(std::uint64_t value) {
    const std::size_t index = index_of(value);
    if (index >= counts_.size()) counts_.resize(index + 1);
    ++counts_[index];
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
  }

  /// How many values were added.
  std::uint64_t count() const { return count_; }
  /// The sum of all values added, modulo 2^64.
  std::uint64_t sum() const { return sum_; }
  /// The largest value added; 0 where there is none.
  std::uint64_t max() const { return max_; }
  /// The arithmetic mean; 0 where there is no value.
  double mean() const;
  /// The value that `percent` (0 to 100) of all values do not exceed, by nearest rank: exact below 128, above that the
  /// upper end of its bucket, at most max(). 0 where there is no value.
  std::uint64_t percentile(double percent) const;
  /// The buckets that hold anything, by rising value.
  std::vector<bucket> buckets() const;
  /// Forgets every value.
  void reset();

 private:
  static constexpr unsigned octave_bits = 6;  // 64 buckets an octave
  static constexpr std::uint64_t per_octave = std::uint64_t{1} << octave_bits;

  static std::size_t index_of(std::uint64_t value) {
    if (value < 2 * per_octave) return value;
    const unsigned shift = 63u - static_cast<unsigned>(__builtin_clzll(value)) - octave_bits;
    return shift * per_octave + (value >> shift);
  }
  static std::uint64_t first_of(std::size_t index);
  static std::uint64_t last_of(std::size_t index);

  std::vector<std::uint64_t> counts_;  // grows to the largest value seen
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace nestwalk::statistics
