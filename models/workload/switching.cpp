#include "workload/switching.h"

#include <algorithm>
#include <string>

namespace nestwalk::workload {

switching::switching(const switching_config& config)
    : generator(name, config.length),
      config_(config),
      random_(config.seed),
      share_(config.footprint / std::max<std::uint64_t>(config.processes, 1) / page_bytes * page_bytes) {
  check_footprint(config.footprint);
  check("processes", config.processes, 2, 1024);
  check("interval", config.interval, 2, ~std::uint64_t{0});
  if (share_ == 0)
    fail("footprint is " + std::to_string(config.footprint) + "; at least a page of 4096 for each process is expected");
  if (!(config.stores >= 0 && config.stores <= 1))
    fail("stores is " + std::to_string(config.stores) + "; a share of 0 to 1 is expected");
}

void switching::begin() {
  map_code_and_data(share_);
  for (std::uint64_t process = 2; process <= config_.processes; ++process) {
    call(system_call::switch_to, static_cast<std::uint32_t>(process));
    map_code_and_data(share_);
  }
  call(system_call::switch_to, 1);
}

void switching::step() {
  if (since_switch_ >= config_.interval) {
    since_switch_ = 0;
    current_ = current_ % config_.processes + 1;
    call(system_call::switch_to, static_cast<std::uint32_t>(current_));
  }
  const operation_kind kind = random_.unit() < config_.stores ? operation_kind::store : operation_kind::load;
  access(kind, data_base + 8 * random_.below(share_ / 8), 8);
  since_switch_ += 2;
}

}  // namespace nestwalk::workload
