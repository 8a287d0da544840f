// The DMI grants that a walker holds, found by address.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>
#include <tlm>

#include "protocol/memory_level.h"

namespace nestwalk::walker {

/// One slot for each 2-MiB block, direct mapped; a grant that lost its slot is asked for again. The slot that served
/// last is looked at first: tables lie close together, and then no load hangs on the address.
class dmi_grants {
 public:
  dmi_grants() = default;
  dmi_grants(const dmi_grants&) = delete;
  dmi_grants& operator=(const dmi_grants&) = delete;

  struct alignas(64) grant {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t reach = 0;  ///< an entry of 8 bytes lies inside from offsets below this; 0: no grant
    std::uintptr_t bias = 0;  ///< what makes an address of the grant the host's
    sc_core::sc_time read_latency;
    sc_core::sc_time write_latency;
    bool writable = false;
    protocol::memory_level served_by = protocol::memory_level::none;  ///< the level that answered before the grant

    /// The host's place of an address of the grant.
    unsigned char* at(std::uint64_t address) const { return reinterpret_cast<unsigned char*>(bias + address); }
  };

  /// The grant that holds the aligned entry at `address`, or null.
  const grant* find(std::uint64_t address) {
    if (address - recent_->first < recent_->reach) return recent_;
    const grant& g = slots_[index(address)];
    if (address - g.first >= g.reach) return nullptr;
    recent_ = &g;
    return &g;
  }

  /// Keeps a grant for the block of `address`.
  void add(std::uint64_t address, const tlm::tlm_dmi& given, protocol::memory_level served_by) {
    constexpr std::uint64_t largest_entry = 8;
    if (!given.is_read_allowed() || address < given.get_start_address() || address > given.get_end_address()) return;
    const std::uint64_t span = given.get_end_address() - given.get_start_address();
    if (span < largest_entry - 1) return;
    slots_[index(address)] = {given.get_start_address(),
                              given.get_end_address(),
                              span - (largest_entry - 1) + 1,
                              reinterpret_cast<std::uintptr_t>(given.get_dmi_ptr()) - given.get_start_address(),
                              given.get_read_latency(),
                              given.get_write_latency(),
                              given.is_write_allowed(),
                              served_by};
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
  const grant* recent_ = slots_.data();
};

}  // namespace nestwalk::walker
