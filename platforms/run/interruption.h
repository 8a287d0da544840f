// Ctrl-C: ends the run, not the program.
#pragma once

#include <atomic>
#include <cstdint>

namespace nestwalk::platforms {

/// Catches SIGINT and SIGTERM for as long as it lives; one at a time. The first asks the run to end; one that comes
/// more than a second later ends the program as if nobody had caught it. What comes within the second is the same
/// request: `timeout` signals its child and then its child's group.
class interruption {
 public:
  interruption();
  ~interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  /// Whether the user asked for the end.
  static bool asked() { return asked_.load(std::memory_order_relaxed); }
  /// The exit status that says so: 128 and the number of the signal, as shells report one that ended a program.
  static int status() { return 128 + asked_by_.load(std::memory_order_relaxed); }
  /// The same as a flag that readers and the core look at.
  static const std::atomic<bool>& flag() { return asked_; }

 private:
  static void note(int signal);

  static std::atomic<bool> asked_;
  static std::atomic<int> asked_by_;           ///< the number of the signal
  static std::atomic<std::int64_t> asked_at_;  ///< nanoseconds of the monotonic clock
};

}  // namespace nestwalk::platforms
