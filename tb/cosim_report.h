// What seeds of co-simulation came to, for people and for JUnit's readers.
#pragma once

#include <cstdint>
#include <ostream>
#include <vector>

#include "tb/bench.h"

namespace nestwalk::tb {

/// Sums over the seeds that are done, of `asked` ones, and the functional coverage that they reached.
void write_summary(const std::vector<seed_result>& done, std::uint64_t asked, bool show_missed, std::ostream& out);

/// A test case a seed.
void write_junit(const std::vector<seed_result>& done, std::ostream& out);

}  // namespace nestwalk::tb
