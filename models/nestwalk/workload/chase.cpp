#include "nestwalk/workload/chase.h"

#include <algorithm>

#include "nestwalk/workload/setting_keys.h"

namespace nestwalk::workload {

namespace {

std::uint64_t lines(std::uint64_t footprint) {
  return std::clamp(footprint, generator::least_footprint, generator::most_footprint) / generator::line_bytes;
}

}  // namespace

void describe(const configuration::group& into, chase_config& c) {
  describe_size(into, c.footprint, c.length);
  describe_seed(into, c.seed);
}

chase::chase(const chase_config& config)
    : generator(name, config.length), config_(config), order_(lines(config.footprint), config.seed) {
  check_ranges(config);
}

void chase::begin() {
  map_code_and_data(config_.footprint);
}

void chase::step() {
  access(operation_kind::load, data_base + line_bytes * order_.next(), 8);
}

}  // namespace nestwalk::workload
