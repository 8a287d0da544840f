#include "nestwalk/workload/repeated.h"

#include <algorithm>
#include <utility>

namespace nestwalk::workload {

repeated::repeated(opener open, std::uint64_t times, const std::atomic<bool>* stop)
    : open_(std::move(open)), times_(times), stop_(stop), pass_(open_()) {}

std::size_t repeated::next(operation* out, std::size_t capacity) {
  if (capacity == 0) return 0;
  for (;;) {
    const std::size_t count = pass_->next(out, capacity);
    if (count != 0 || over()) return count;
    passed_over_ = passed_over();
    first_passed_over_ = first_passed_over();
    pass_ = open_();
    ++passes_;
  }
}

std::string repeated::place_of(const operation* batch, std::size_t index) const {
  const std::string place = pass_->place_of(batch, index);
  if (place.empty()) return place;
  return place + ", pass " + std::to_string(passes_) + " of " + std::to_string(times_);
}

double repeated::progress() const {
  const double here = pass_->progress();
  if (here < 0) return here;
  return (static_cast<double>(passes_ - 1) + here) / static_cast<double>(times_);
}

std::uint64_t repeated::passed_over() const {
  return std::max(passed_over_, pass_->passed_over());
}

std::string repeated::first_passed_over() const {
  return first_passed_over_.empty() ? pass_->first_passed_over() : first_passed_over_;
}

}  // namespace nestwalk::workload
