#include "nestwalk/workload/zipf_distribution.h"

#include <algorithm>
#include <cmath>

namespace nestwalk::workload {

zipf_distribution::zipf_distribution(std::uint64_t count, double exponent)
    : count_(static_cast<double>(count)),
      exponent_(exponent),
      integral_first_(integral(1.5) - 1),
      integral_last_(integral(count_ + 0.5)),
      always_(2 - inverse_integral(integral(2.5) - density(2))) {}

std::uint64_t zipf_distribution::operator()(random_numbers& random) const {
  for (;;) {
    const double u = integral_last_ + random.unit() * (integral_first_ - integral_last_);
    const double x = inverse_integral(u);
    const double rank = std::clamp(std::floor(x + 0.5), 1.0, count_);
    if (rank - x <= always_ || u >= integral(rank + 0.5) - density(rank)) return static_cast<std::uint64_t>(rank);
  }
}

double zipf_distribution::density(double x) const {
  return std::exp(-exponent_ * std::log(x));
}

/// (x^(1 - exponent) - 1) / (1 - exponent), which tends to log x as the exponent tends to 1.
double zipf_distribution::integral(double x) const {
  const double log_x = std::log(x);
  const double t = (1 - exponent_) * log_x;
  return (std::fabs(t) > 1e-8 ? std::expm1(t) / t : 1 + t / 2) * log_x;
}

double zipf_distribution::inverse_integral(double y) const {
  const double t = std::max(y * (1 - exponent_), -1.0);
  return std::exp((std::fabs(t) > 1e-8 ? std::log1p(t) / t : 1 - t / 2) * y);
}

}  // namespace nestwalk::workload
