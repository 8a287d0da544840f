// What a TLB is built of.
#pragma once

#include <cstdint>
#include <string>

#include <systemc>

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::tlb {

/// Which entry of a full set a fill replaces. An invalid one always goes first.
enum class replacement_policy : std::uint8_t {
  lru,        ///< the one used longest ago
  tree_plru,  ///< the one that a binary tree of last directions points at
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
  unsigned entries = 64;  ///< 0: not built
  unsigned ways = 4;      ///< divides `entries`; 0: fully associative
  unsigned sizes = pages::of_4k;
};

/// A TLB: up to three arrays that are looked up side by side. A mapping of a size that no array holds is split: each
/// piece that is touched goes in, at the biggest smaller size that an array holds.
struct tlb_config {
  array_config base;
  array_config large{0, 0, pages::of_2m | pages::of_4m};
  array_config huge{0, 0, pages::of_1g};
  replacement_policy replacement = replacement_policy::lru;
  std::uint32_t seed = 1;                     ///< seed of random replacement
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period
  unsigned latency_cycles = 0;                ///< time of a look-up, hit or miss; 0 where a cache's hides it
  bool filter = true;  ///< try the entry used last for the page's slot first: faster, and every count stays the same

  /// Whether there is any array: a TLB without one is not built.
  bool built() const { return base.entries + large.entries + huge.entries != 0; }
};

/// Its keys; `what` is what sentences call it. The clock period and the filter, which several TLBs share, have none
/// here.
void describe(const configuration::group& into, const std::string& what, tlb_config& c);

/// The keys "replacement" and "seed" of a cache of any kind.
void describe_replacement(const configuration::group& into, const std::string& what, replacement_policy& policy,
                          std::uint32_t& seed);

}  // namespace nestwalk::tlb
