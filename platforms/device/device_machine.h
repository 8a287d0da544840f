// A device behind a remapping unit, without a core.
#pragma once

#include <cstdint>

#include <systemc>

#include "nestwalk/iommu/iommu.h"
#include "nestwalk/memory/dram.h"
#include "nestwalk/paging/vtd_request.h"
#include "nestwalk/protocol/owned_payload.h"
#include "platforms/configuration/configuration.h"
#include "platforms/device/device_mode.h"
#include "platforms/device/driver_tables.h"
#include "platforms/memory_system.h"
#include "platforms/wiring.h"

namespace nestwalk::platforms {

/// Main memory, a last-level cache that unit and device share, and the unit; a driver's tables, and a driver that acts
/// through the unit's registers and queue. One such stands in a process.
class device_machine {
 public:
  /// Throws `input_error` where the configuration makes no machine.
  device_machine(const configuration& c, device_mode mode, std::uint16_t source);

  driver_tables& tables() { return tables_; }
  iommu::iommu& unit() { return unit_; }
  memory::dram& dram() { return dram_; }
  const configuration& config() const { return config_; }

  /// Sets the root table, and turns the queue and translation on.
  void start();
  /// Empties every cache: the unit's by invalidations of everything.
  void clear_caches();
  /// Makes a request of one byte; whether it was allowed.
  bool request(const paging::vtd::request& r, std::uint64_t address);
  /// Clears a fault record, as a driver does that has read it.
  void clear_fault(unsigned record);
  /// Follows each request from now on; null: none.
  void observe(iommu::device_walk_observer* tables, walker::walk_observer* stages);
  /// A dword or qword of the unit's registers.
  std::uint64_t read_register(std::uint32_t offset, unsigned bytes);

 private:
  /// Where device and driver stand.
  class front : public sc_core::sc_module, private protocol::blocking_initiator {
   public:
    protocol::memory_initiator_socket device{"device"};
    protocol::memory_initiator_socket registers{"registers"};
    explicit front(const sc_core::sc_module_name& name) : sc_module(name) {
      device.bind(*this);
      registers.bind(*this);
    }
  };

  void write_register(std::uint32_t offset, unsigned bytes, std::uint64_t value);
  void submit(std::uint64_t low);
  static void settle();
  bool scalable() const { return config_.driver.tables == device_table_format::scalable; }

  configuration config_;
  wiring wires_;
  memory::dram dram_;
  memory_system caches_;
  iommu::iommu unit_;
  front front_{"front"};
  driver_tables tables_;
  protocol::owned_payload payload_;
  std::uint64_t queue_tail_ = 0;
};

}  // namespace nestwalk::platforms
