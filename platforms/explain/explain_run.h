// Brings a machine to the point where a walk can be told.
#pragma once

#include <optional>
#include <vector>

#include "platforms/explain/entry_edit.h"
#include "platforms/explain/walk_question.h"
#include "platforms/machine.h"
#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

/// What stands in the caches when the walk begins.
enum class explain_form : std::uint8_t {
  cold,      ///< nothing
  warm,      ///< what one access to the neighbouring page left
  unmapped,  ///< nothing, and the page is not mapped: its neighbour is
};

/// Has a program's access of the question's type make the guest kernel and the VMM map the page (or only its
/// neighbour), empties every cache, and changes the tables by `edits`. Throws `input_error` where the guest cannot, or
/// where no entry of an edit is on the way.
void prepare_tables(machine& m, const walk_question& q, explain_form form, const std::vector<entry_edit>& edits);

/// Follows the walk that the access makes. It goes from the core to the mmu as a program's would, but a fault ends
/// there: neither the guest kernel nor the VMM hears of it. Nothing where no walk was made. To be called after a run.
std::optional<walk_record> follow_walk(machine& m, const walk_question& q);

}  // namespace nestwalk::platforms
