// The command `cosim`: seeds of co-simulation of the RTL walker with the model, judged and reported.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace nestwalk::tb {

struct seed_options;
struct seed_result;

struct cosim_options {
  std::optional<std::uint64_t> seeds;       ///< how many; 100, or one where `seed` is given
  std::uint64_t walks = 10'000;             ///< a seed
  std::optional<std::uint64_t> seed;        ///< the first one; 1
  std::optional<unsigned> contexts;         ///< the plain model with so many contexts; by default the seeds take turns
  std::string model;                        ///< a model by name, instead of `contexts`
  std::string waves;                        ///< FST file of a single seed, or of a failing one
  std::string junit;                        ///< JUnit report
  std::string coverage;                     ///< folder for line and branch coverage, where the models collect it
  bool show_missed = false;                 ///< lists the combinations of the functional coverage that no walk met
  const std::atomic<bool>* stop = nullptr;  ///< set where the seeds that are not done shall be left
  /// Called after each seed, by one thread at a time.
  std::function<void(std::uint64_t seeds_done, std::uint64_t seeds)> progress;
  /// Runs a seed; run_seed() where empty. Tests plant failures here.
  std::function<seed_result(const seed_options&)> run;
};

/// Runs the seeds on all processors and writes a summary, in the order of the seeds. A failing seed is run again by
/// itself with waves, the first few of several. Returns 0 where all passed. Once `stop` is set it reports what is done.
/// Throws input_error for options that name nothing, and for files that cannot be written before any seed is run.
int cosim(const cosim_options& options, std::ostream& out);

}  // namespace nestwalk::tb
