// What a TLB is built of.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

namespace nestwalk::tlb {

/// Which entry of a full set a fill replaces. An invalid one always goes first.
enum class replacement_policy : std::uint8_t {
  lru,        ///< the one used longest ago
  tree_plru,  ///< the one that a binary tree of last directions points at; up to 64 ways
  fifo,       ///< the one filled longest ago
  random,     ///< any, by a generator with a seed
};

/// The page sizes that an array holds, as a mask.
namespace pages {
inline constexpr unsigned of_4k = 1u << 0;
inline constexpr unsigned of_2m = 1u << 1;
inline constexpr unsigned of_4m = 1u << 2;  ///< 32-bit paging with CR4.PSE
inline constexpr unsigned of_1g = 1u << 3;
}  // namespace pages

/// One array of entries. Page sizes that share an array compete for its entries; each indexes the sets by its own page
/// number.
struct array_config {
  unsigned entries = 64;
  unsigned ways = 4;  ///< divides `entries`; 0: fully associative
  unsigned sizes = pages::of_4k;
  replacement_policy replacement = replacement_policy::lru;
  std::uint32_t seed = 1;  ///< of random replacement
};

/// A TLB: arrays that are looked up side by side. A mapping of a size that no array holds goes in by pieces of the
/// biggest smaller size that one holds, as they are touched.
struct tlb_config {
  std::vector<array_config> arrays = std::vector<array_config>(1);
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period
  unsigned latency_cycles = 0;                ///< of a look-up, hit or miss; 0 where a cache's latency hides it
  bool filter = true;  ///< try the entry used last for the page's slot first: faster, and every count stays the same
};

}  // namespace nestwalk::tlb
