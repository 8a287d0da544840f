#include "nestwalk/workload/forking.h"

#include <algorithm>
#include <string>

#include "nestwalk/workload/setting_keys.h"

namespace nestwalk::workload {

namespace {

std::uint64_t pages_of(const forking_config& config) {
  return std::clamp(config.footprint, generator::least_footprint, generator::most_footprint) / generator::page_bytes;
}

std::uint64_t share_of(std::uint64_t pages, double share) {
  return static_cast<std::uint64_t>(static_cast<double>(pages) * std::clamp(share, 0.0, 1.0));
}

}  // namespace

void describe(const configuration::group& into, forking_config& c) {
  describe_size(into, c.footprint, c.length);
  describe_seed(into, c.seed);
  into.number("touched", "", {0, 1}, "share of the pages that a child loads from after a fork, above 0", c.touched);
  into.number("written", "", {0, 1}, "share of the pages that are written after each fork", c.written);
  into.whole("loads_a_page", "loads", {1, 4096}, "loads from each page that is touched after a fork", c.loads_a_page);
}

forking::forking(const forking_config& config)
    : generator(name, config.length),
      config_(config),
      random_(config.seed),
      pages_(pages_of(config)),
      touched_pages_(std::max<std::uint64_t>(1, share_of(pages_, config.touched))),
      written_pages_(share_of(pages_, config.written)),
      order_(pages_, config.seed) {
  check_ranges(config);
  if (config.touched == 0)
    fail("touched is " + std::to_string(config.touched) + "; a share above 0, at most 1 is expected");
}

void forking::begin() {
  map_code_and_data(pages_ * page_bytes);
}

void forking::step() {
  while (over()) advance();
  const std::uint64_t start = turn_ * touched_pages_;
  switch (phase_) {
    case phase::fill: access(operation_kind::store, data_base + done_ * page_bytes, 8); break;
    case phase::child_loads:
    case phase::parent_loads: access(operation_kind::load, place(start + done_ / config_.loads_a_page), 8); break;
    case phase::child_writes: access(operation_kind::store, place(start + done_), 8); break;
    case phase::parent_writes:  // half of its pages are the child's, half are still shared by nobody else's write
      access(operation_kind::store, place(start + written_pages_ / 2 + done_), 8);
      break;
  }
  ++done_;
}

/// A random word of a page.
paging::gva forking::place(std::uint64_t page) {
  return data_base + page_bytes * order_(page % pages_) + 8 * random_.below(page_bytes / 8);
}

bool forking::over() const {
  switch (phase_) {
    case phase::fill: return done_ == pages_;
    case phase::child_loads:
    case phase::parent_loads: return done_ == touched_pages_ * config_.loads_a_page;
    case phase::child_writes:
    case phase::parent_writes: return done_ == written_pages_;
  }
  return true;
}

void forking::advance() {
  switch (phase_) {
    case phase::parent_loads: ++turn_; [[fallthrough]];
    case phase::fill:
      ++child_;
      call(system_call::fork, child_);
      call(system_call::switch_to, child_);
      return enter(phase::child_loads);
    case phase::child_loads: return enter(phase::child_writes);
    case phase::child_writes: call(system_call::exit, 1); return enter(phase::parent_writes);
    case phase::parent_writes: return enter(phase::parent_loads);
  }
}

void forking::enter(phase next) {
  phase_ = next;
  done_ = 0;
}

}  // namespace nestwalk::workload
