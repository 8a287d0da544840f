// What a shadow leaf says: the guest's rights and memory type over a host page.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/rights.h"

namespace nestwalk::vmm {

/// The guest's side of a leaf.
struct guest_leaf {
  std::uint64_t entry = 0;  ///< as it stands in the guest's table; 0 for a guest without paging
  unsigned level = 1;
  paging::rights granted;  ///< over all levels; `dirty` where the guest's dirty flag is set
};

/// How a page is written that the guest's rights would not let the hardware write.
enum class write_right : std::uint8_t {
  as_guest,         ///< writable where the guest's entries say so and the dirty flag is set
  withheld,         ///< read-only: the page is a guest table
  supervisor_only,  ///< CR0.WP emulated: the supervisor writes a read-only page, the user has to fault meanwhile
};

/// A leaf of 2^`size_log2` bytes for `page`. Accessed is set, as the guest's flag is; dirty together with R/W, so that
/// a write to a page that the guest sees as clean faults. `no_fetch`: a user page that `supervisor_only` makes a
/// supervisor page is not to be executed (SMEP). Never global: each root's entries are its own.
std::uint64_t shadow_entry(const guest_leaf& guest, paging::hpa page, unsigned size_log2, write_right writes,
                           bool no_fetch);

/// The rights of such an entry, as the hardware sees them.
paging::rights rights_of_shadow(std::uint64_t entry, std::uint8_t key);

}  // namespace nestwalk::vmm
