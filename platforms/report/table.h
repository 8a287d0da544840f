// The statistics as a table that a person can read.
#pragma once

#include <ostream>
#include <vector>

#include "platforms/report/figures.h"

namespace nestwalk::platforms {

/// One column a machine, all of one workload. Rows in which no machine has anything are left out; where the first
/// machine is the native one, the others' cycles are also shown relative to it.
void print_table(const std::vector<figures>& machines, std::ostream& out);

}  // namespace nestwalk::platforms
