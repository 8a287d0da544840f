#include "platforms/explain/explain_source.h"

#include <algorithm>

namespace nestwalk::platforms {

std::size_t explain_source::next(workload::operation* out, std::size_t capacity) {
  const std::size_t count = std::min(capacity, operations_.size() - done_);
  std::copy_n(operations_.begin() + static_cast<std::ptrdiff_t>(done_), count, out);
  done_ += count;
  return count;
}

}  // namespace nestwalk::platforms
