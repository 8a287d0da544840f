// The command `cosim`: seeds of co-simulation of the RTL walker with the model, judged and reported.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace nestwalk::tb {

struct cosim_options {
  std::uint64_t seeds = 100;
  std::uint64_t walks = 10'000;       ///< a seed
  std::optional<std::uint64_t> seed;  ///< this one alone
  std::optional<unsigned> contexts;   ///< the plain model with so many contexts; by default the seeds take turns
  std::string model;                  ///< a model by name, instead of `contexts`
  std::string waves;                  ///< FST file of a single seed, or of a failing one
  std::string junit;                  ///< JUnit report
  std::string coverage;               ///< folder for line and branch coverage, where the models collect it
  bool show_missed = false;           ///< lists the combinations of the functional coverage that no walk met
};

/// Runs the seeds on all processors and writes a summary. A failing seed is run again by itself with waves. Returns 0
/// where all passed. Throws input_error for options that name nothing.
int cosim(const cosim_options& options, std::ostream& out);

}  // namespace nestwalk::tb
