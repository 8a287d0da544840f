#include "tb/bench_memory.h"

namespace nestwalk::tb {

void bench_memory::take(const output_pins& asked, std::uint64_t cycle) {
  unsigned latency = manner.least;
  if (!manner.fixed()) {
    const unsigned most = random_.below(16) == 0 ? manner.rare_most : manner.most;
    latency += random_.below(most - manner.least + 1);
  }
  jobs_.push_back({cycle + latency, asked.memory_request_id, asked.memory_request_tag, asked.memory_request_exchange,
                   asked.memory_request_address, asked.memory_request_expected, asked.memory_request_desired});
}

const memory_job* bench_memory::answer(input_pins& in, std::uint64_t cycle) {
  in.memory_response_valid = false;
  std::size_t chosen = jobs_.size();
  unsigned due = 0;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    if (jobs_[i].due > cycle) continue;
    ++due;
    // In the order asked at one latency, else any of those that are due.
    if (due == 1 || (!manner.fixed() && random_.below(due) == 0)) chosen = i;
  }
  if (chosen == jobs_.size()) return nullptr;
  answered_ = jobs_[chosen];
  jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(chosen));
  in.memory_response_valid = true;
  in.memory_response_id = answered_.id;
  in.memory_response_error = manner.error != 0 && random_.chance(manner.error);
  in.memory_response_swapped = false;
  if (manner.race != 0 && answered_.exchange && random_.chance(manner.race)) world_.disturb(answered_.address);
  in.memory_response_data = world_.read(answered_.address);
  if (answered_.exchange && !in.memory_response_error)
    in.memory_response_swapped = world_.exchange(answered_.address, answered_.expected, answered_.desired);
  return &answered_;
}

}  // namespace nestwalk::tb
