// What the host has left of its memory.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace nestwalk::platforms {

/// Ends a run before the operating system would kill it, so that the statistics so far are kept. A limit of a container
/// below what the host has is not seen.
class host_memory {
 public:
  static constexpr std::uint64_t margin_kib = 256 * 1024;  ///< left for whatever else the process does
  static constexpr std::uint64_t step_kib = 32 * 1024;     ///< growth of the process between two looks
  static constexpr unsigned calls_per_look = 8;            ///< as even asking what the process has taken has its price

  /// `meminfo` is a file as proc(5) describes it.
  explicit host_memory(std::string meminfo = "/proc/meminfo") : meminfo_(std::move(meminfo)) {}

  /// KiB that the host can still give ("MemAvailable"); all of them where the file does not say.
  std::uint64_t available_kib() const;
  /// Throws `std::bad_alloc` where less than the margin is left. Looks at every eighth call, the first one included,
  /// and only where the process has grown: callers take less than an eighth of the margin between two calls.
  void check();

 private:
  std::string meminfo_;
  unsigned calls_ = 0;
  std::uint64_t seen_kib_ = 0;  // what the process had taken at the last look
};

}  // namespace nestwalk::platforms
