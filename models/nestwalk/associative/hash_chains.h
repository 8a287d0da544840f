// Slots found by a hash of what they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nestwalk::associative {

/// Spreads what two words hold over 64 bits, the upper ones best.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9e3779b97f4a7c15 + b;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  x ^= x >> 32;
  return x * 0xd6e8feb86659fd93;
}

/// Chains of slots, which are numbered from 0, by the hash under which each was added. Who looks for something goes
/// along the chain of its hash and compares: other hashes share chains. A chain has no order that means anything.
class hash_chains {
 public:
  using slot = std::uint32_t;
  static constexpr slot none = ~slot{0};

  /// At most 2^31 slots, each in at most one chain.
  explicit hash_chains(std::size_t slots);

  /// The first slot of the chain of a hash, or `none`.
  slot first(std::uint64_t hash) const { return heads_[hash >> shift_]; }
  /// The slot after `s` in its chain, or `none`.
  slot next(slot s) const { return next_[s]; }

  /// Adds a slot that is in no chain.
  void add(slot s, std::uint64_t hash) {
    slot& head = heads_[hash >> shift_];
    next_[s] = head;
    head = s;
  }
  /// Takes a slot out of the chain that it was added to under the same hash.
  void remove(slot s, std::uint64_t hash) {
    slot* link = &heads_[hash >> shift_];
    while (*link != s) link = &next_[*link];
    *link = next_[s];
  }

 private:
  unsigned shift_;           // 64 less the bits that number the chains
  std::vector<slot> heads_;  // by chain
  std::vector<slot> next_;   // by slot
};

}  // namespace nestwalk::associative
