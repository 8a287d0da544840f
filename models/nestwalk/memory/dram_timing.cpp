#include "nestwalk/memory/dram_timing.h"

#include <algorithm>
#include <string>

#include "nestwalk/protocol/error.h"

namespace nestwalk::memory {
namespace {

const dram_timing_config& checked(const dram_timing_config& config, const char* owner) {
  const auto require = [&](bool holds, const char* what) {
    if (!holds) throw input_error(std::string(owner) + ": " + what);
  };
  const auto power_of_two = [](unsigned n) { return n != 0 && (n & (n - 1)) == 0; };
  require(config.channels >= 1 && config.channels <= 1024, "a dram has from 1 to 1024 channels");
  require(power_of_two(config.ranks) && config.ranks <= 1024, "ranks are a power of two up to 1024");
  require(power_of_two(config.banks) && config.banks <= 1024, "banks are a power of two up to 1024");
  require(power_of_two(config.burst_bytes), "the bytes of a burst are a power of two");
  require(power_of_two(config.row_bytes) && config.row_bytes >= config.burst_bytes,
          "the bytes of a row are a power of two, not below those of a burst");
  return config;
}

}  // namespace

dram_timing::dram_timing(const dram_timing_config& config, const char* owner)
    : map_(checked(config, owner).burst_bytes, config.channels, config.ranks, config.banks, config.row_bytes),
      banks_(std::size_t{config.channels} * config.ranks * config.banks),
      buses_(config.channels) {
  const calendars::ticks burst = config.burst_time.value();
  const sc_core::sc_time work[calendars::states] = {sc_core::SC_ZERO_TIME, config.t_rcd, config.t_rp + config.t_rcd};
  bus_time_ = burst;
  for (unsigned found = 0; found < calendars::states; ++found) {
    bank_times_[found] = work[found].value() + burst;
    idle_[found] = config.controller + work[found] + config.t_cl + config.burst_time;
  }
  // Unsigned arithmetic wraps round as it should where a burst takes longer than t_cl.
  column_after_bank_ = config.t_cl.value() - burst;
}

[[gnu::noinline]] void dram_timing::any_burst(std::uint64_t address, calendars::ticks arrival,
                                              sc_core::sc_time& delay) {
  const address_map::place place = map_.of(address);
  const auto bank = banks_.reserve(place.bank, arrival, place.row, bank_times_);
  const calendars::ticks ready = bank.end + column_after_bank_;
  const calendars::ticks start = buses_.reserve(place.channel, ready, bus_time_);
  ++counts_.bursts[bank.found];
  delay += idle_[bank.found];
  wait(bank.start - arrival + (start - ready), delay);
}

[[gnu::noinline]] void dram_timing::wait_for_bus(unsigned channel, calendars::ticks ready, sc_core::sc_time& delay) {
  wait(buses_.reserve(channel, ready, bus_time_) - ready, delay);
}

void dram_timing::wait(calendars::ticks waited, sc_core::sc_time& delay) {
  if (waited == 0) return;
  ++counts_.delayed;
  delay += sc_core::sc_time::from_value(waited);
}

[[gnu::noinline]] void dram_timing::bursts(std::uint64_t address, unsigned length, calendars::ticks arrival,
                                           sc_core::sc_time& delay) {
  const sc_core::sc_time before = delay;
  burst(address, arrival, delay);
  for (std::uint64_t next = map_.next_burst(address); next < address + length; next = map_.next_burst(next)) {
    sc_core::sc_time one = before;
    burst(next, arrival, one);
    delay = std::max(delay, one);
  }
}

void dram_timing::describe(statistics::group& into) {
  into.add("row_hits", "bursts", "Bursts that found their row open.", counts_.bursts[calendars::same_row]);
  into.add("row_misses", "bursts", "Bursts that found no row open in their bank.", counts_.bursts[calendars::no_row]);
  into.add("row_conflicts", "bursts", "Bursts that found another row open in their bank.",
           counts_.bursts[calendars::other_row]);
  into.add("delayed", "bursts", "Bursts that waited for a bank or for the data bus.", counts_.delayed);
}

}  // namespace nestwalk::memory
