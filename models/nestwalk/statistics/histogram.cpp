#include "nestwalk/statistics/histogram.h"

#include <cmath>

namespace nestwalk::statistics {

double histogram::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t histogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  const double rank = std::ceil(std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(count_));
  const std::uint64_t wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < counts_.size(); ++index) {
    seen += counts_[index];
    if (seen >= wanted) return std::min(last_of(index), max_);
  }
  return max_;
}

std::vector<histogram::bucket> histogram::buckets() const {
  std::vector<bucket> filled;
  for (std::size_t index = 0; index < counts_.size(); ++index)
    if (counts_[index] != 0) filled.push_back({first_of(index), last_of(index), counts_[index]});
  return filled;
}

void histogram::reset() {
  counts_.clear();
  count_ = sum_ = max_ = 0;
}

std::uint64_t histogram::first_of(std::size_t index) {
  if (index < 2 * per_octave) return index;
  const std::size_t shift = index / per_octave - 1;
  return (per_octave + index % per_octave) << shift;
}

std::uint64_t histogram::last_of(std::size_t index) {
  if (index < 2 * per_octave) return index;
  const std::size_t shift = index / per_octave - 1;
  return first_of(index) + ((std::uint64_t{1} << shift) - 1);
}

}  // namespace nestwalk::statistics
