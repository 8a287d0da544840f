// The bytes that a store writes: traces carry none, so they are made from the store's ordinal.
#pragma once

#include <cstdint>
#include <cstring>

namespace nestwalk::cpu {

/// Most bytes of one access.
inline constexpr unsigned largest_access = 64;

/// Fills `bytes`, room for `largest_access`, with the value of the `ordinal`-th store; any part of it differs from most
/// other stores'. Writes whole qwords: at least `size` bytes.
inline void make_store_value(std::uint64_t ordinal, unsigned size, unsigned char* bytes) {
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio: spreads neighbours far apart
  std::uint64_t mixed = (ordinal + 1) * golden;
  mixed ^= mixed >> 32;
  unsigned at = 0;
  do {
    std::memcpy(bytes + at, &mixed, sizeof mixed);
    mixed += golden;
    at += sizeof mixed;
  } while (at < size);
}

}  // namespace nestwalk::cpu
