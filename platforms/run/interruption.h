// Ctrl-C: ends the run, not the program.
#pragma once

#include <atomic>

namespace nestwalk::platforms {

/// Catches SIGINT and SIGTERM for as long as it lives; one at a time. The first asks the run to end; a second one ends
/// the program as if nobody had caught it.
class interruption {
 public:
  interruption();
  ~interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  /// Whether the user asked for the end.
  static bool asked() { return asked_.load(std::memory_order_relaxed); }
  /// The same as a flag that readers and the core look at.
  static const std::atomic<bool>& flag() { return asked_; }

 private:
  static void note(int signal);

  static std::atomic<bool> asked_;
};

}  // namespace nestwalk::platforms
