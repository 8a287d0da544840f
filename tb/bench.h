// One seed of co-simulation: stimulus, memory and scoreboard around one RTL model.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tb/crosses.h"
#include "tb/rtl_model.h"

namespace nestwalk::tb {

struct seed_options {
  std::uint64_t seed = 0;
  std::uint64_t walks = 10'000;
  std::string model;                        ///< a name of `model_shapes()`
  std::string waves;                        ///< FST file to record; empty for none
  std::string coverage;                     ///< file for line and branch coverage, where the models collect it
  const std::atomic<bool>* stop = nullptr;  ///< set where the seed shall end before its last walk
};

/// What a seed came to.
struct seed_result {
  std::uint64_t seed = 0;
  std::string model;
  std::uint64_t walks = 0;  ///< judged
  std::uint64_t cycles = 0;
  std::uint64_t reads = 0;
  std::uint64_t exchanges = 0;
  std::uint64_t lost = 0;  ///< exchanges lost to a race
  std::uint64_t faults = 0;
  std::uint64_t squashed = 0;
  std::uint64_t errors = 0;  ///< error responses of memory
  std::uint64_t invalidations = 0;
  std::uint64_t resets = 0;
  std::uint64_t cache_hits = 0;
  bool stopped = false;  ///< by `seed_options::stop`, before the last walk
  std::string failure;   ///< empty where all was right
  std::uint64_t failed_walk = 0;
  std::vector<std::string> trail;  ///< the memory accesses of the failed walk
  crosses covered;
  std::string waves_problem;  ///< why the waveforms that were asked for are not there; empty else
};

/// Runs a seed until its walks are judged, one is wrong, or it is stopped.
seed_result run_seed(const seed_options& options);

}  // namespace nestwalk::tb
