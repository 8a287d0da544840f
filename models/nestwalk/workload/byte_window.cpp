#include "nestwalk/workload/byte_window.h"

#include <cstring>

namespace nestwalk::workload {

bool byte_window::refill() {
  const std::size_t rest = size();
  if (rest == capacity) return false;
  if (begin_ != bytes_.data() && rest != 0) std::memmove(bytes_.data(), begin_, rest);
  begin_ = bytes_.data();
  end_ = begin_ + rest;
  const std::size_t got = stream_->read(bytes_.data() + rest, capacity - rest);
  end_ += got;
  return got != 0;
}

bool byte_window::require(std::size_t count) {
  while (size() < count)
    if (!refill()) return false;
  return true;
}

}  // namespace nestwalk::workload
