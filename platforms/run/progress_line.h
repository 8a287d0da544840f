// A line on the terminal that says how far a run is.
#pragma once

#include <chrono>
#include <cstdint>

namespace nestwalk::platforms {

/// Writes to standard error, where that is a terminal, from the first second on and five times a second.
class progress_line {
 public:
  /// `wanted` false: never writes. `what`: the work that is counted.
  explicit progress_line(bool wanted, const char* what = "accesses");
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// `share` of the work done, from 0 to 1; negative where it is not known.
  void show(std::uint64_t done, double share);
  /// Takes the line off the screen.
  void clear();

 private:
  using clock = std::chrono::steady_clock;

  bool wanted_;
  const char* what_;
  bool shown_ = false;
  clock::time_point began_ = clock::now();
  clock::time_point due_;
};

}  // namespace nestwalk::platforms
