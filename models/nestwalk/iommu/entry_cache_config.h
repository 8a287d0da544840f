// What a context or PASID cache is built of.
#pragma once

#include <cstdint>
#include <string>

#include "nestwalk/tlb/config.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::iommu {

/// The shape of a context or PASID cache.
struct entry_cache_config {
  unsigned entries = 32;  ///< 0: no cache
  unsigned ways = 4;      ///< divides `entries`; 0: fully associative
  tlb::replacement_policy replacement = tlb::replacement_policy::lru;
  std::uint32_t seed = 1;       ///< seed of random replacement
  unsigned latency_cycles = 1;  ///< time of a look-up, hit or miss
};

/// Its keys; `what` is what sentences call it.
void describe(const configuration::group& into, const std::string& what, entry_cache_config& c);

}  // namespace nestwalk::iommu
