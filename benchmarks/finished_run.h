// The program as a whole process, measured.
#pragma once

#include <string>
#include <vector>

namespace nestwalk::bench {

struct finished_run {
  bool good = false;
  double seconds = 0;    ///< computed by the process, user and system
  double megabytes = 0;  ///< at its peak
  double accesses = 0;
};

/// Runs `nestwalk run --mode nested` with more options.
finished_run run_nested(const std::vector<std::string>& options);

}  // namespace nestwalk::bench
