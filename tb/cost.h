// The command `cost`: what the RTL walker takes in LUTs and flip-flops, by Yosys, beside what it does.
#pragma once

#include <ostream>
#include <vector>

namespace nestwalk::tb {

struct cost_options {
  std::vector<unsigned> contexts = {1, 2, 16};  ///< 1 to 64 each
  unsigned latency = 10;                        ///< of memory, in cycles, for what the walker does
};

/// What Yosys makes of one configuration.
struct synthesis {
  unsigned luts = 0;  ///< with six inputs
  unsigned flip_flops = 0;
  unsigned depth = 0;  ///< LUTs on the longest path between registers and ports
};

bool yosys_is_installed();

/// Synthesises rtl/ with so many contexts, 5 levels and both nested formats, and no caches. Throws input_error where
/// Yosys fails.
synthesis synthesise(unsigned contexts);

/// Synthesises for each number of contexts and writes a table, a row as soon as it is known. Beside it stand the cycles
/// of a 24-read walk and the entry reads a cycle of the models that were built with so many contexts, "-" where none
/// was. Returns 0; or 1, with the package to install, where Yosys is missing. Throws input_error for numbers of
/// contexts that cannot be built and where Yosys fails.
int cost(const cost_options& options, std::ostream& out);

}  // namespace nestwalk::tb
