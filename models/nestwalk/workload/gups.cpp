#include "nestwalk/workload/gups.h"

#include "nestwalk/workload/setting_keys.h"

namespace nestwalk::workload {

void describe(const configuration::group& into, gups_config& c) {
  describe_size(into, c.footprint, c.length);
  describe_seed(into, c.seed);
}

gups::gups(const gups_config& config) : generator(name, config.length), config_(config), random_(config.seed) {
  check_ranges(config);
}

void gups::begin() {
  map_code_and_data(config_.footprint);
}

void gups::step() {
  access(operation_kind::modify, data_base + 8 * random_.below(config_.footprint / 8), 8);
}

}  // namespace nestwalk::workload
