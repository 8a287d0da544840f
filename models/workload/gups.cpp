#include "workload/gups.h"

namespace nestwalk::workload {

gups::gups(const gups_config& config) : generator(name, config.length), config_(config), random_(config.seed) {
  check_footprint(config.footprint);
}

void gups::begin() {
  map_code_and_data(config_.footprint);
}

void gups::step() {
  access(operation_kind::modify, data_base + 8 * random_.below(config_.footprint / 8), 8);
}

}  // namespace nestwalk::workload
