// Sizes of a walker's paging-structure caches.
#pragma once

#include <cstdint>

namespace nestwalk::walker {

/// What the guest's walk caches keep of a table page: its guest-physical address, so that the next read still asks the
/// second stage; or its host-physical one with that page's nested rights and dirty state, so that it need not.
enum class held_address : std::uint8_t { guest_physical, host_physical };

/// One level's cache.
struct walk_cache_size {
  unsigned entries = 0;  ///< 0: not built
  unsigned ways = 0;     ///< divides `entries`; 0: fully associative
};

/// A walker's caches, named by the entries that they hold (SDM vol. 3, 4.10.3): a hit in `pde` leaves the leaf table to
/// read, one in `pml4e` three tables. Replacement is LRU.
struct walk_cache_config {
  walk_cache_size pml5e;
  walk_cache_size pml4e;
  walk_cache_size pdpte;
  walk_cache_size pde;
  held_address holds = held_address::guest_physical;  ///< used by a guest walker under a second stage
};

}  // namespace nestwalk::walker
