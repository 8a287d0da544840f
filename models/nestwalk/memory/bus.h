// Sends each access to the target that its address belongs to.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/access_meter.h"
#include "nestwalk/protocol/access_way.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::memory {

/// A part of the address space and the target it belongs to.
struct bus_range {
  std::uint64_t first = 0;                 ///< address at the bus
  std::uint64_t last = ~std::uint64_t{0};  ///< inclusive
  unsigned target = 0;                     ///< index of the socket in `bus::memory_side`
  std::uint64_t at_target = 0;             ///< address of the first byte at the target
};

struct bus_config {
  sc_core::sc_time latency{0, sc_core::SC_NS};  ///< of a hop, both ways together
  std::vector<bus_range> ranges{bus_range{}};   ///< must not overlap; what none holds is an address error
};

/// Routes from any number of initiators to the targets of its ranges: transport with its latency added, DMI (the grant
/// cut to the range and given the bus's latency), debug (cut to the range), and invalidations the other way, each in
/// the addresses of the side that hears it. A payload that no range holds whole gets an address error and takes no
/// time. Extensions pass, and the address is restored.
class bus : public sc_core::sc_module, private protocol::blocking_target {
 public:
  protocol::memory_target_socket cpu_side{"cpu_side"};  ///< faces caches, walkers, devices: whoever accesses memory
  sc_core::sc_vector<protocol::memory_initiator_socket> memory_side;  ///< face the targets that the ranges name

  struct counters {
    statistics::counter transfers = 0;
    statistics::counter errors = 0;
  };

  /// Throws input_error where ranges are missing, empty or overlap.
  bus(const sc_core::sc_module_name& name, const bus_config& config);

  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  /// Hears one target, so that an invalidation can be told in the bus's addresses.
  class listener : public protocol::blocking_initiator {
   public:
    listener(bus& owner, unsigned target) : owner_(owner), target_(target) {}
    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
      owner_.invalidate(target_, first, last);
    }

   private:
    bus& owner_;
    unsigned target_;
  };

  void end_of_elaboration() override;
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  void transport(tlm::tlm_generic_payload& payload, protocol::access_extension* access,
                 sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
  void invalidate(unsigned target, std::uint64_t first, std::uint64_t last);

  /// A range, and the way to its target.
  struct route {
    bus_range range;
    protocol::access_way way;
  };
  const route* find(std::uint64_t address) const;
  void send(tlm::tlm_generic_payload& payload, protocol::access_extension* access, sc_core::sc_time& delay);

  sc_core::sc_time latency_;
  std::vector<route> routes_;         // by address
  route straight_{{1, 0, 0, 0}, {}};  // the one taken last, of those whose targets have the bus's addresses
  std::vector<std::unique_ptr<listener>> listeners_;
  counters counts_;
};

}  // namespace nestwalk::memory
