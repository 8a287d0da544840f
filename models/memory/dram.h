// Main memory: the bytes, and the time that channels, banks and open rows take.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>

#include "memory/address_map.h"
#include "memory/calendar.h"
#include "memory/sparse_store.h"
#include "protocol/memory_sockets.h"
#include "statistics/group.h"

namespace nestwalk::memory {

/// The defaults are one channel pair of DDR4-2666 19-19-19 (JEDEC JESD79-4, speed bin DDR4-2666V).
struct dram_config {
  std::uint64_t size = std::uint64_t{64} << 30;    ///< bytes, a multiple of 4 KiB up to 2^52
  unsigned channels = 2;                           ///< each with a data bus of its own; any number from 1
  unsigned ranks = 1;                              ///< a channel, a power of two
  unsigned banks = 16;                             ///< a rank, a power of two
  unsigned row_bytes = 8192;                       ///< bytes of an open row over a channel's devices, a power of two
  unsigned burst_bytes = 64;                       ///< bytes of one burst, a power of two
  sc_core::sc_time t_rcd{14.25, sc_core::SC_NS};   ///< activate to column command
  sc_core::sc_time t_cl{14.25, sc_core::SC_NS};    ///< column command to the first data, of reads and of writes
  sc_core::sc_time t_rp{14.25, sc_core::SC_NS};    ///< precharge to activate
  sc_core::sc_time burst_time{3, sc_core::SC_NS};  ///< data bus time of one burst
  sc_core::sc_time controller{0,
                              sc_core::SC_NS};  ///< added to each access: queues, and the way to the devices and back
  bool huge_host_pages = false;                 ///< ask the host for 2 MiB pages: faster, takes 2 MiB at a touch
};

/// A memory target for any number of initiators, plain ones included. It performs reads, writes (with byte enables) and
/// exchanges, grants DMI, and names itself in an access_extension as the level that served. It answers with an
/// address error what lies beyond its size, and with a burst error what streams.
///
/// Time of one burst: the bank works (a precharge and an activate where another row is open, an activate where none is)
/// and takes the column command; t_cl later the burst goes over the channel's data bus. A bank is taken until its
/// column command has had a burst's time, so row hits follow each other at the speed of the bus; data that wait for the
/// bus wait in the channel's queue. Banks and buses are reserved in local time (see `calendar`). Rows stay open. What
/// is longer than a burst, or unaligned, is as many bursts, and the last one counts. Refresh, turn-around and tRAS are
/// not modelled.
///
/// DMI: a grant is the 2 MiB chunk of the address, cut to the size, for reading and writing; its latency is that of an
/// idle bank whose row is closed: controller + t_rcd + t_cl + burst_time.
class dram : public sc_core::sc_module, private protocol::blocking_target {
 public:
  protocol::memory_target_socket initiators{"initiators"};

  struct counters {
    statistics::counter reads = 0;
    statistics::counter writes = 0;
    statistics::counter exchanges = 0;
    statistics::counter row_hits = 0;
    statistics::counter row_misses = 0;
    statistics::counter row_conflicts = 0;
    statistics::counter delayed = 0;
    statistics::counter errors = 0;
  };

  /// Throws input_error where the configuration makes no memory.
  dram(const sc_core::sc_module_name& name, const dram_config& config);

  const dram_config& config() const { return config_; }
  /// The bytes, for loading images and for comparing memories; no time, no counters.
  sparse_store& store() { return store_; }
  const sparse_store& store() const { return store_; }
  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;

  tlm::tlm_response_status serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void move(tlm::tlm_generic_payload& payload, unsigned length);
  calendar::ticks data_at(std::uint64_t address, unsigned length, calendar::ticks arrival);
  calendar::ticks burst_at(std::uint64_t address, calendar::ticks arrival);

  dram_config config_;
  address_map map_;
  sparse_store store_;
  std::vector<calendar> banks_;
  std::vector<calendar> buses_;
  // The configuration's times in ticks of the simulator's resolution.
  calendar::ticks open_;    // activate
  calendar::ticks reopen_;  // precharge and activate
  calendar::ticks column_;  // column command to data
  calendar::ticks burst_;   // data on the bus
  calendar::ticks fixed_;   // controller
  counters counts_;
};

}  // namespace nestwalk::memory
