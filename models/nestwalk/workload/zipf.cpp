#include "nestwalk/workload/zipf.h"

#include <string>

#include "nestwalk/workload/setting_keys.h"

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

void describe(const configuration::group& into, zipf_config& c) {
  describe_size(into, c.footprint, c.length);
  describe_seed(into, c.seed);
  into.number("exponent", "", {0.01, 8}, "exponent of Zipf's law", c.exponent);
  into.whole("unit", "bytes", {least_unit, most_unit},
             "size of the blocks that are drawn by Zipf's law, a power of two", c.unit);
  describe_stores(into, c.stores);
}

zipf::zipf(const zipf_config& config)
    : generator(name, config.length),
      config_(config),
      random_(config.seed),
      ranks_(units(config), config.exponent),
      places_(units(config), config.seed) {
  check_ranges(config);
  if ((config.unit & (config.unit - 1)) != 0)
    fail("unit is " + std::to_string(config.unit) + "; a power of two is expected");
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
