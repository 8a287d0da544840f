#include "platforms/explain/explain_source.h"

namespace nestwalk::platforms {

std::size_t explain_source::next(workload::operation* out, std::size_t capacity) {
  if (done_ == steps_.size() || capacity == 0) return 0;
  const step& now = steps_[done_++];
  if (now.before) now.before();
  *out = {};
  out->kind = workload::operation_kind::load;
  out->size = 1;
  out->address = now.address;
  return 1;
}

}  // namespace nestwalk::platforms
