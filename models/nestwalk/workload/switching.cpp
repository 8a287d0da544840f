#include "nestwalk/workload/switching.h"

#include <algorithm>
#include <limits>
#include <string>

#include "nestwalk/workload/setting_keys.h"

namespace nestwalk::workload {

void describe(const configuration::group& into, switching_config& c) {
  describe_size(into, c.footprint, c.length);
  describe_seed(into, c.seed);
  into.whole("processes", "processes", {2, 1024},
             "processes that run in turn; each needs a page of the footprint at least", c.processes);
  into.whole("interval", "accesses", {2, std::numeric_limits<std::uint64_t>::max()},
             "accesses between two context switches", c.interval);
  describe_stores(into, c.stores);
}

switching::switching(const switching_config& config)
    : generator(name, config.length),
      config_(config),
      random_(config.seed),
      share_(config.footprint / std::max<std::uint64_t>(config.processes, 1) / page_bytes * page_bytes) {
  check_ranges(config);
  if (share_ == 0)
    fail("footprint is " + std::to_string(config.footprint) + "; at least a page of 4096 for each process is expected");
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
