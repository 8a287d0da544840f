// What this process takes of the host's memory.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace nestwalk::test {

/// KiB of the host's memory that back this process, by /proc/self/smaps_rollup; the page of zeros that all processes
/// share does not count.
inline std::uint64_t resident_kib() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  std::string word;
  while (rollup >> word)
    if (std::uint64_t kib = 0; word == "Rss:" && rollup >> kib) return kib;
  return 0;
}

}  // namespace nestwalk::test
