#include "workload/zipf.h"

#include <string>

namespace nestwalk::workload {

namespace {

constexpr std::uint64_t least_unit = 64;
constexpr std::uint64_t most_unit = 4096;

/// Units in the footprint; 1 for what the constructor then refuses.
std::uint64_t units(const zipf_config& config) {
  if (config.unit < least_unit || config.unit > config.footprint || config.footprint > generator::most_footprint)
    return 1;
  return config.footprint / config.unit;
}

}  // namespace

zipf::zipf(const zipf_config& config)
    : generator(name, config.length),
      config_(config),
      random_(config.seed),
      ranks_(units(config), config.exponent),
      places_(units(config), config.seed) {
  check_footprint(config.footprint);
  check("unit", config.unit, least_unit, most_unit);
  if ((config.unit & (config.unit - 1)) != 0)
    fail("unit is " + std::to_string(config.unit) + "; a power of two is expected");
  check_shares();
}

void zipf::check_shares() const {
  if (!(config_.exponent > 0 && config_.exponent <= 8))
    fail("exponent is " + std::to_string(config_.exponent) + "; above 0, at most 8 is expected");
  if (!(config_.stores >= 0 && config_.stores <= 1))
    fail("stores is " + std::to_string(config_.stores) + "; a share of 0 to 1 is expected");
}

void zipf::begin() {
  map_code_and_data(config_.footprint);
}

void zipf::step() {
  const std::uint64_t place = places_(ranks_(random_) - 1);
  const std::uint64_t offset = 8 * random_.below(config_.unit / 8);
  const operation_kind kind = random_.unit() < config_.stores ? operation_kind::store : operation_kind::load;
  access(kind, data_base + place * config_.unit + offset, 8);
}

}  // namespace nestwalk::workload
