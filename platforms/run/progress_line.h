// A line on the terminal that says how far a run is.
#pragma once

#include <chrono>
#include <cstdint>

namespace nestwalk::platforms {

/// Writes to standard error, where that is a terminal, from the first second on and five times a second.
class progress_line {
 public:
  /// `wanted` false: never writes.
  explicit progress_line(bool wanted);
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// `share` of the work done, from 0 to 1; negative where it is not known.
  void show(std::uint64_t accesses, double share);
  /// Takes the line off the screen.
  void clear();

 private:
  using clock = std::chrono::steady_clock;

  bool wanted_;
  bool shown_ = false;
  clock::time_point began_ = clock::now();
  clock::time_point due_;
};

}  // namespace nestwalk::platforms
