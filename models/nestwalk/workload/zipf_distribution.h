// Ranks by Zipf's law, in constant memory.
#pragma once

#include <cstdint>

#include "nestwalk/workload/random.h"

namespace nestwalk::workload {

/// Ranks 1 to `count`, rank k with a probability proportional to k^-exponent. Rejection-inversion: W. Hormann and
/// G. Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", ACM TOMACS 6(3),
/// 1996.
class zipf_distribution {
 public:
  /// `count` is at least 1, `exponent` above 0.
  zipf_distribution(std::uint64_t count, double exponent);

  /// The next rank.
  std::uint64_t operator()(random_numbers& random) const;

 private:
  double density(double x) const;
  double integral(double x) const;
  double inverse_integral(double y) const;

  double count_;
  double exponent_;
  double integral_first_;
  double integral_last_;
  double always_;  ///< a rank this near below x is taken without further test
};

}  // namespace nestwalk::workload
