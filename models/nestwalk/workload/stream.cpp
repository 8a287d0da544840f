#include "nestwalk/workload/stream.h"

#include "nestwalk/workload/setting_keys.h"

namespace nestwalk::workload {

void describe(const configuration::group& into, stream_config& c) {
  describe_size(into, c.footprint, c.length);
}

stream::stream(const stream_config& config) : generator(name, config.length), array_bytes_(config.footprint / 24 * 8) {
  check_ranges(config);
}

void stream::begin() {
  map_code_and_data(3 * array_bytes_);
}

void stream::step() {
  const paging::gva a = data_base + at_;
  access(operation_kind::load, a + array_bytes_, 8);
  access(operation_kind::load, a + 2 * array_bytes_, 8);
  access(operation_kind::store, a, 8);
  at_ += 8;
  if (at_ == array_bytes_) at_ = 0;
}

}  // namespace nestwalk::workload
