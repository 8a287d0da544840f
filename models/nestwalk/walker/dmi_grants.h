// The DMI grants that a walker holds, found by address.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <map>

#include <systemc>
#include <tlm>

#include "nestwalk/paging/usually.h"
#include "nestwalk/protocol/access_meter.h"
#include "nestwalk/protocol/memory_level.h"

namespace nestwalk::walker {

/// The grant that served last is looked at first: tables lie close together, and then no load hangs on the address.
/// Then one slot for each 2-MiB block, direct mapped; then all grants in order.
class dmi_grants {
 public:
  dmi_grants() = default;
  dmi_grants(const dmi_grants&) = delete;
  dmi_grants& operator=(const dmi_grants&) = delete;

  using act = protocol::access_meter::act;

  struct alignas(64) grant {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t reach = 0;  ///< an entry of 8 bytes lies inside from offsets below this; 0: no grant
    std::uintptr_t bias = 0;  ///< what makes an address of the grant the host's
    sc_core::sc_time read_latency;
    sc_core::sc_time write_latency;
    bool writable = false;
    protocol::memory_level served_by = protocol::memory_level::none;  ///< the level that answered before the grant
    protocol::access_meter* meter = nullptr;                          ///< whom each access is told, or null

    /// The host's place of an address of the grant.
    unsigned char* at(std::uint64_t address) const { return reinterpret_cast<unsigned char*>(bias + address); }
    /// The local time after an access that begins at `time`. By value, so that a walk's time stays in a register.
    sc_core::sc_time after(act what, std::uint64_t address, unsigned length, sc_core::sc_time time) const {
      if (!paging::usually(meter == nullptr)) return meter->after(what, address, length, time);
      return time + (what == act::read ? read_latency : write_latency);
    }
  };

  /// The grant that served last where it holds the aligned entry at `address`, else null: then `find` looks further.
  const grant* recent(std::uint64_t address) const {
    return address - recent_->first < recent_->reach ? recent_ : nullptr;
  }
  /// The grant that holds that entry, or null.
  const grant* find(std::uint64_t address) {
    grant& g = slots_[index(address)];
    if (address - g.first >= g.reach) {
      auto above = all_.upper_bound(address);
      if (above == all_.begin()) return nullptr;
      const grant& below = (--above)->second;
      if (address - below.first >= below.reach) return nullptr;
      g = below;
    }
    recent_ = &g;
    return &g;
  }

  /// Keeps what memory gave; nothing where it allows no reads.
  void add(const tlm::tlm_dmi& given, protocol::memory_level served_by, protocol::access_meter* meter) {
    constexpr std::uint64_t largest_entry = 8;
    const std::uint64_t span = given.get_end_address() - given.get_start_address();
    if (!given.is_read_allowed() || span < largest_entry - 1) return;
    grant& g = all_[given.get_start_address()];
    g.first = given.get_start_address();
    g.last = given.get_end_address();
    g.reach = span - (largest_entry - 1) + 1;
    g.bias = reinterpret_cast<std::uintptr_t>(given.get_dmi_ptr()) - g.first;
    g.read_latency = given.get_read_latency();
    g.write_latency = given.get_write_latency();
    g.writable = given.is_write_allowed();
    g.served_by = served_by;
    g.meter = meter;
    slots_[index(g.first)] = g;
  }

  /// Drops every grant that overlaps [first, last].
  void drop(std::uint64_t first, std::uint64_t last) {
    const auto overlaps = [&](const grant& g) { return g.reach != 0 && g.first <= last && first <= g.last; };
    for (grant& g : slots_)
      if (overlaps(g)) g = grant{};
    for (auto g = all_.begin(); g != all_.end();) g = overlaps(g->second) ? all_.erase(g) : std::next(g);
  }

 private:
  static constexpr unsigned block_log2 = 21;
  static constexpr unsigned slots = 256;
  static std::size_t index(std::uint64_t address) { return (address >> block_log2) % slots; }

  std::array<grant, slots> slots_{};
  const grant* recent_ = slots_.data();
  std::map<std::uint64_t, grant> all_;  // by first address
};

}  // namespace nestwalk::walker
