#include "nestwalk/workload/churn.h"

#include "nestwalk/workload/setting_keys.h"

namespace nestwalk::workload {

void describe(const configuration::group& into, churn_config& c) {
  describe_size(into, c.footprint, c.length);
  describe_seed(into, c.seed);
  describe_stores(into, c.stores);
  into.number("edits", "", {0, 1000}, "system calls that edit page tables for each 1000 accesses", c.edits);
}

churn::churn(const churn_config& config) : generator(name, config.length), config_(config), random_(config.seed) {
  check_ranges(config);
}

void churn::begin() {
  map_code_and_data(config_.footprint);
}

void churn::step() {
  constexpr double accesses_a_step = 2;  // with the fetch
  if (filled_ < config_.footprint / page_bytes)
    return access(operation_kind::store, data_base + filled_++ * page_bytes, 8);
  const operation_kind kind = random_.unit() < config_.stores ? operation_kind::store : operation_kind::load;
  access(kind, data_base + 8 * random_.below(config_.footprint / 8), 8);
  for (owed_ += accesses_a_step * config_.edits / 1000; owed_ >= 2; owed_ -= 2) edit_twice();
}

void churn::edit_twice() {
  const paging::gva page = data_base + page_bytes * random_.below(config_.footprint / page_bytes);
  if (remaps_) {
    edit(system_call::unmap, page, page_bytes);
    map(page, page_bytes);
  } else {
    edit(system_call::protect, page, page_bytes, /*argument=*/0);
    edit(system_call::protect, page, page_bytes, /*argument=*/1);
  }
  remaps_ = !remaps_;
}

}  // namespace nestwalk::workload
