// Main memory: the bytes, and the time that they take.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "nestwalk/memory/dram_config.h"
#include "nestwalk/memory/dram_timing.h"
#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/access_meter.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::memory {

/// A memory target for any number of initiators, plain ones included. It performs reads, writes (with byte enables) and
/// exchanges, grants DMI, and names itself in an access_extension as the level that served. It answers with an
/// address error what lies beyond its size, and with a burst error what streams.
///
/// DMI: a grant is the 2 MiB chunk of the address, cut to what the memory holds in one place, for reading and writing;
/// its latency is that of an access to an idle bank with no open row: controller + t_rcd + t_cl + burst_time. An
/// initiator that asks by meter_extension has its accesses counted and timed as by transport.
class dram : public sc_core::sc_module, private protocol::blocking_target, private protocol::access_meter {
 public:
  protocol::memory_target_socket cpu_side{"cpu_side"};  ///< faces caches, a bus, or whoever else accesses memory

  struct counters {
    statistics::counter reads = 0;
    statistics::counter writes = 0;
    statistics::counter exchanges = 0;
    statistics::counter errors = 0;
  };

  /// Throws input_error where the configuration makes no memory. Where `filled` is given the memory is what it holds,
  /// and answers with an address error what it lacks; it outlives the dram.
  dram(const sc_core::sc_module_name& name, const dram_config& config, contents* filled = nullptr);

  /// The bytes, for loading images and for comparing memories; no time, no counters.
  sparse_store& store() { return store_; }
  const sparse_store& store() const { return store_; }
  /// Makes all bytes what they were at first, gives the host's memory back, and takes back every DMI grant.
  void clear();
  const counters& counts() const { return counts_; }
  const dram_timing::counters& row_counts() const { return timing_.counts(); }
  void describe(statistics::group& into);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  void transport(tlm::tlm_generic_payload& payload, protocol::access_extension* access,
                 sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
  sc_core::sc_time after(act what, std::uint64_t address, unsigned length, sc_core::sc_time delay) override;

  void serve_any(tlm::tlm_generic_payload& payload, protocol::access_extension* access, sc_core::sc_time& delay);
  tlm::tlm_response_status serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void take_time(std::uint64_t address, unsigned length, sc_core::sc_time& delay) {
    timing_.access(address, length, simcontext()->time_stamp().value() + delay.value(), delay);
  }

  sparse_store store_;
  dram_timing timing_;
  counters counts_;
};

}  // namespace nestwalk::memory
