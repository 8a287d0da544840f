#include "memory/dram_timing.h"

#include <algorithm>
#include <string>

#include "protocol/error.h"

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
      burst_bytes_(config.burst_bytes),
      banks_(std::size_t{config.channels} * config.ranks * config.banks),
      buses_(config.channels) {
  const calendar::ticks burst = config.burst_time.value();
  const sc_core::sc_time work[calendar::states] = {sc_core::SC_ZERO_TIME, config.t_rcd, config.t_rp + config.t_rcd};
  for (unsigned found = 0; found < calendar::states; ++found) {
    bank_times_[found] = work[found].value() + burst;
    bus_times_[found] = burst;
    idle_[found] = config.controller + work[found] + config.t_cl + config.burst_time;
  }
  // Unsigned arithmetic wraps round as it should where a burst takes longer than t_cl.
  column_after_bank_ = config.t_cl.value() - burst;
}

sc_core::sc_time dram_timing::delayed(calendar::state found, calendar::ticks waited) {
  ++counts_.delayed;
  return idle_[found] + sc_core::sc_time::from_value(waited);
}

sc_core::sc_time dram_timing::access_rest(sc_core::sc_time first, std::uint64_t address, unsigned length,
                                          calendar::ticks arrival) {
  sc_core::sc_time last = first;
  std::uint64_t next = (address & ~(burst_bytes_ - 1)) + burst_bytes_;
  for (; next < address + length; next += burst_bytes_) last = std::max(last, burst(next, arrival));
  return last;
}

void dram_timing::describe(statistics::group& into) {
  into.add("row_hits", "bursts", "Bursts that found their row open.", counts_.row_hits);
  into.add("row_misses", "bursts", "Bursts that found no row open in their bank.", counts_.row_misses);
  into.add("row_conflicts", "bursts", "Bursts that found another row open in their bank.", counts_.row_conflicts);
  into.add("delayed", "bursts", "Bursts that waited for a bank or for the data bus.", counts_.delayed);
}

}  // namespace nestwalk::memory
