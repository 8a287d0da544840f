// Brings a machine to the point where a walk can be told.
#pragma once

#include <optional>

#include "paging/address.h"
#include "platforms/machine.h"
#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

/// What stands in the caches when the walk begins.
enum class explain_form : std::uint8_t {
  cold,      ///< nothing
  warm,      ///< what one access to the neighbouring page left
  unmapped,  ///< nothing, and the page is not mapped: its neighbour is
};

/// Has the guest kernel and the VMM map the page of `address` (or only its neighbour), empties every cache, and follows
/// the walk of a load from `address`. Nothing where no walk was made. Throws `input_error` where the guest cannot.
std::optional<walk_record> explain(machine& m, paging::gva address, explain_form form);

}  // namespace nestwalk::platforms
