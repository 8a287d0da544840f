// The time that the channels, banks and open rows of a dram take.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "nestwalk/memory/address_map.h"
#include "nestwalk/memory/dram_config.h"
#include "nestwalk/paging/usually.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/timing/calendars.h"

namespace nestwalk::memory {

using paging::usually;
using timing::calendars;

/// Time of one burst: the bank works (a precharge and an activate where another row is open, an activate where none is)
/// and takes the column command; t_cl later the burst goes over the channel's data bus. A bank is taken until its
/// column command has had a burst's time, so row hits follow each other at the speed of the bus; data that wait for the
/// bus wait in the channel's queue. Banks and buses are reserved in local time (see `calendars`). Rows stay open. What
/// is longer than a burst, or unaligned, is as many bursts, and the last one counts. Refresh, turn-around and tRAS are
/// not modelled.
class dram_timing {
 public:
  struct counters {
    std::array<statistics::counter, calendars::states> bursts{};  ///< by what they found open in their bank
    statistics::counter delayed = 0;                              ///< waited for a bank or for the data bus
  };

  /// Throws input_error, which names `owner`, where the configuration makes no memory.
  dram_timing(const dram_timing_config& config, const char* owner);

  /// Reserves what an access of `length` bytes at `address` that arrives at the tick `arrival` of local time needs, and
  /// adds the time from its arrival to its last data to `delay`.
  void access(std::uint64_t address, unsigned length, calendars::ticks arrival, sc_core::sc_time& delay) {
    if (!usually(map_.same_burst(address, address + length - 1))) return bursts(address, length, arrival, delay);
    burst(address, arrival, delay);
  }

  /// The time of an access to an idle bank with no open row.
  sc_core::sc_time closed_row() const { return idle_[calendars::no_row]; }

  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  /// One burst where nothing has to wait, as for most; each other way is a call.
  void burst(std::uint64_t address, calendars::ticks arrival, sc_core::sc_time& delay) {
    if (!usually(!map_.divided())) return any_burst(address, arrival, delay);
    const address_map::place place = map_.by_bits(address);
    if (!usually(banks_.free(place.bank, arrival))) return any_burst(address, arrival, delay);
    const auto bank = banks_.reserve_free(place.bank, arrival, place.row, bank_times_);
    ++counts_.bursts[bank.found];
    delay += idle_[bank.found];
    const calendars::ticks ready = bank.end + column_after_bank_;
    if (!usually(buses_.free(place.channel, ready))) return wait_for_bus(place.channel, ready, delay);
    buses_.reserve_free(place.channel, ready, bus_time_);
  }
  void any_burst(std::uint64_t address, calendars::ticks arrival, sc_core::sc_time& delay);
  void bursts(std::uint64_t address, unsigned length, calendars::ticks arrival, sc_core::sc_time& delay);
  void wait_for_bus(unsigned channel, calendars::ticks ready, sc_core::sc_time& delay);
  void wait(calendars::ticks waited, sc_core::sc_time& delay);

  address_map map_;
  calendars banks_;
  calendars buses_;
  calendars::lengths bank_times_;  // work and column command, by what is open
  calendars::ticks bus_time_;
  calendars::ticks column_after_bank_;        // from the bank's end, a burst after the column command, to the data
  sc_core::sc_time idle_[calendars::states];  // the whole time where nothing waits
  counters counts_;
};

}  // namespace nestwalk::memory
