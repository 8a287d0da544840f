// One walk as a numbered table.
#pragma once

#include <ostream>

#include "platforms/mode.h"
#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

/// Prints each memory read on a numbered line: the dimension, the entry, the space and address where it lies, its value
/// and flags, who served it, the cycles. Exchanges of flags, and why the second stage was asked, stand between them
/// without numbers; then the mapping with both stages' rights, or the fault.
void print_walk(const walk_record& record, machine_mode mode, std::ostream& out);

}  // namespace nestwalk::platforms
