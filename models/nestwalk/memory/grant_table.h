// Where the bytes of the memory below are, as far as it granted them.
#pragma once

#include <array>
#include <cstdint>

namespace nestwalk::memory {

/// Read and write DMI grants, found by address: one slot for each 2 MiB block, direct mapped. A grant that lost its
/// slot is asked for again.
class grant_table {
 public:
  /// The host's place of [address, address + length), or null where no grant in the table holds all of it.
  unsigned char* find(std::uint64_t address, std::uint64_t length) const {
    const slot& s = slots_[index(address)];
    if (address < s.first || address > s.last || length - 1 > s.last - address) return nullptr;
    return s.host + (address - s.first);
  }

  /// Keeps the grant of [first, last], whose first byte is at `host`, for the block of `address`.
  void add(std::uint64_t address, std::uint64_t first, std::uint64_t last, unsigned char* host) {
    slots_[index(address)] = {first, last, host};
  }

  /// Drops what overlaps [first, last].
  void drop(std::uint64_t first, std::uint64_t last) {
    for (slot& s : slots_)
      if (s.host != nullptr && s.first <= last && first <= s.last) s = slot{};
  }

 private:
  static constexpr unsigned block_log2 = 21;
  static constexpr unsigned slots = 256;
  struct slot {
    std::uint64_t first = 1;  // an empty range
    std::uint64_t last = 0;
    unsigned char* host = nullptr;
  };

  static std::size_t index(std::uint64_t address) { return (address >> block_log2) % slots; }

  std::array<slot, slots> slots_{};
};

}  // namespace nestwalk::memory
