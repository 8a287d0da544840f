// The time that the channels, banks and open rows of a dram take.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "memory/address_map.h"
#include "memory/calendar.h"
#include "statistics/group.h"

namespace nestwalk::memory {

/// The defaults are two channels of DDR4-2666 19-19-19 (JEDEC JESD79-4, speed bin DDR4-2666V).
struct dram_timing_config {
  unsigned channels = 2;                           ///< each with a data bus of its own; any number from 1
  unsigned ranks = 1;                              ///< of a channel, a power of two
  unsigned banks = 16;                             ///< of a rank, a power of two
  unsigned row_bytes = 8192;                       ///< bytes of a row over a channel's devices, a power of two
  unsigned burst_bytes = 64;                       ///< bytes of one burst, a power of two
  sc_core::sc_time t_rcd{14.25, sc_core::SC_NS};   ///< activate to column command
  sc_core::sc_time t_cl{14.25, sc_core::SC_NS};    ///< column command to the first data, of reads and of writes
  sc_core::sc_time t_rp{14.25, sc_core::SC_NS};    ///< precharge to activate
  sc_core::sc_time burst_time{3, sc_core::SC_NS};  ///< data bus time of one burst
  sc_core::sc_time controller{0, sc_core::SC_NS};  ///< added to each access: queues, the way to the devices and back
};

/// Time of one burst: the bank works (a precharge and an activate where another row is open, an activate where none is)
/// and takes the column command; t_cl later the burst goes over the channel's data bus. A bank is taken until its
/// column command has had a burst's time, so row hits follow each other at the speed of the bus; data that wait for the
/// bus wait in the channel's queue. Banks and buses are reserved in local time (see `calendar`). Rows stay open. What
/// is longer than a burst, or unaligned, is as many bursts, and the last one counts. Refresh, turn-around and tRAS are
/// not modelled.
class dram_timing {
 public:
  /// Bursts, by what they found.
  struct counters {
    statistics::counter row_hits = 0;
    statistics::counter row_misses = 0;
    statistics::counter row_conflicts = 0;
    statistics::counter delayed = 0;
  };

  /// Throws input_error, which names `owner`, where the configuration makes no memory.
  dram_timing(const dram_timing_config& config, const char* owner);

  /// Reserves what an access of `length` bytes at `address` that arrives at local time `arrival` needs, and gives the
  /// time from its arrival to its last data.
  sc_core::sc_time access(std::uint64_t address, unsigned length, const sc_core::sc_time& arrival) {
    const sc_core::sc_time first = burst(address, arrival.value());
    const bool one_burst = map_.same_burst(address, address + length - 1);
    return one_burst ? first : access_rest(first, address, length, arrival.value());
  }

  /// The time of an access to an idle bank with no open row.
  sc_core::sc_time closed_row() const { return idle_[calendar::no_row]; }

  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  sc_core::sc_time burst(std::uint64_t address, calendar::ticks arrival) {
    const address_map::place place = map_.of(address);
    const auto bank = banks_[place.bank].reserve(arrival, place.row, bank_times_);
    const calendar::ticks ready = bank.end + column_after_bank_;
    const auto bus = buses_[place.channel].reserve(ready, 0, bus_times_);
    ++(counts_.*row_counters[bank.found]);
    const calendar::ticks waited = bank.start - arrival + (bus.start - ready);
    return waited == 0 ? idle_[bank.found] : delayed(bank.found, waited);
  }
  sc_core::sc_time delayed(calendar::state found, calendar::ticks waited);
  sc_core::sc_time access_rest(sc_core::sc_time first, std::uint64_t address, unsigned length, calendar::ticks arrival);

  static constexpr statistics::counter counters::*row_counters[calendar::states] = {
      &counters::row_hits, &counters::row_misses, &counters::row_conflicts};

  address_map map_;
  std::uint64_t burst_bytes_;
  std::vector<calendar> banks_;
  std::vector<calendar> buses_;
  calendar::lengths bank_times_;             // work and column command, by what is open
  calendar::lengths bus_times_;              // the same whatever came before
  calendar::ticks column_after_bank_;        // from the bank's end, a burst after the column command, to the data
  sc_core::sc_time idle_[calendar::states];  // the whole time where nothing waits
  counters counts_;
};

}  // namespace nestwalk::memory
