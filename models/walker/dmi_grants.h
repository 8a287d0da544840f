// The DMI grants that a walker holds, found by address.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>
#include <tlm>

#include "protocol/memory_level.h"

namespace nestwalk::walker {

/// One slot for each 2-MiB block, direct mapped; a grant that lost its slot is asked for again.
class dmi_grants {
 public:
  struct grant {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t reach = 0;        ///< an entry of 8 bytes lies inside from offsets below this; 0: no grant
    unsigned char* host = nullptr;  ///< where `first` is
    sc_core::sc_time read_latency;
    sc_core::sc_time write_latency;
    bool writable = false;
    protocol::memory_level served_by = protocol::memory_level::none;  ///< the level that answered before the grant
  };

  /// The grant that holds the aligned entry at `address`, or null.
  const grant* find(std::uint64_t address) const {
    const grant& g = slots_[index(address)];
    return address - g.first < g.reach ? &g : nullptr;
  }

  /// Keeps a grant for the block of `address`.
  void add(std::uint64_t address, const tlm::tlm_dmi& given, protocol::memory_level served_by) {
    constexpr std::uint64_t largest_entry = 8;
    if (!given.is_read_allowed() || address < given.get_start_address() || address > given.get_end_address()) return;
    const std::uint64_t span = given.get_end_address() - given.get_start_address();
    if (span < largest_entry - 1) return;
    slots_[index(address)] = {
        given.get_start_address(), given.get_end_address(),   span - (largest_entry - 1) + 1, given.get_dmi_ptr(),
        given.get_read_latency(),  given.get_write_latency(), given.is_write_allowed(),       served_by};
  }

  /// Drops every grant that overlaps [first, last].
  void drop(std::uint64_t first, std::uint64_t last) {
    for (grant& g : slots_)
      if (g.reach != 0 && g.first <= last && first <= g.last) g = grant{};
  }

 private:
  static constexpr unsigned block_log2 = 21;
  static constexpr unsigned slots = 256;
  static std::size_t index(std::uint64_t address) { return (address >> block_log2) % slots; }

  std::array<grant, slots> slots_{};
};

}  // namespace nestwalk::walker
