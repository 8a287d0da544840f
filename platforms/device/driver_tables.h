// The tables that a driver keeps for a remapping unit.
#pragma once

#include <cstdint>

#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/paging/vtd_capabilities.h"
#include "platforms/device/device_mode.h"
#include "platforms/device/driver_config.h"

namespace nestwalk::platforms {

/// Root, context and PASID tables and those of both stages, in host memory below 4 GByte. A guest's memory is one piece
/// of host memory: its tables and pages lie there.
class driver_tables {
 public:
  /// Memory that the tables and the pages that they map lie in, in bytes.
  static constexpr std::uint64_t memory_needed = std::uint64_t{4} << 30;

  /// Throws `input_error` where the unit, the mode and the driver's configuration do not go together, or memory is too
  /// small.
  driver_tables(memory::sparse_store& memory, const paging::vtd::unit_capabilities& unit, device_mode mode,
                const driver_config& c);

  /// Has the requests of `source`, those of the PASID or without one, translated: the device's context entry, and in
  /// scalable mode the PASID's.
  void assign(std::uint16_t source, std::uint32_t pasid);
  /// Maps the page of an address to a page of its own; in pass-through there is nothing to do.
  void map(std::uint64_t address);

  /// What the root-table address register takes.
  std::uint64_t root_table_address() const;

 private:
  std::uint64_t load(std::uint64_t at) const;
  void store(std::uint64_t at, std::uint64_t value);
  std::uint64_t host_frames(std::uint64_t bytes, std::uint64_t alignment);
  std::uint64_t guest_frame(std::uint64_t bytes);
  std::uint64_t host_of_guest(std::uint64_t address) const;
  void map_first(std::uint64_t address, std::uint64_t output);
  void map_second(std::uint64_t address, std::uint64_t output);
  std::uint64_t guest_table();
  void put_pasid_entry(std::uint64_t at);
  bool has_first() const { return mode_ == device_mode::first_stage || mode_ == device_mode::nested; }
  bool has_second() const { return mode_ == device_mode::second_stage || mode_ == device_mode::nested; }

  memory::sparse_store& memory_;
  paging::vtd::unit_capabilities unit_;
  device_mode mode_;
  driver_config config_;
  std::uint64_t next_host_ = 0x10'0000;
  std::uint64_t next_guest_ = 0x1000;
  std::uint64_t root_ = 0;
  std::uint64_t first_root_ = 0;  // a guest-physical address in nested mode
  std::uint64_t second_root_ = 0;
};

}  // namespace nestwalk::platforms
