// The walks as JSON, a line a walk.
#pragma once

#include <ostream>

#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

/// Writes the record as one line:
///
///     {"gva": "0x7f00", "access": "read", "mode": "user", "steps": [{"step": "read", "stage": "nested",
///      "entry": "EPT PML4E", "address": "0x...", "value": "0x...", "flags": "R W X", "served_by": "dram",
///      "cycles": 90}, ...], "result": {"hpa": "0x...", ...} or {"fault": "...", ...}, "cycles": 812}
///
/// Addresses and values are hexadecimal strings; `steps` are in the order in which they happened.
void write_walk(const walk_record& record, std::ostream& out);

}  // namespace nestwalk::platforms
