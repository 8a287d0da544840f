// What a part of this process takes of the host's memory.
#pragma once

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace nestwalk::test {

/// KiB of the host's memory that back the mapping of `place`, by /proc/self/smaps; the page of zeros that all processes
/// share does not count, nor does what the process takes elsewhere, as a sanitizer does.
inline std::uint64_t resident_kib(const void* place) {
  const auto address = reinterpret_cast<std::uintptr_t>(place);
  std::ifstream mappings("/proc/self/smaps");
  bool here = false;
  std::string line;
  while (std::getline(mappings, line)) {
    std::uintptr_t first = 0, end = 0;
    std::uint64_t kib = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR, &first, &end) == 2)
      here = first <= address && address < end;
    else if (here && std::sscanf(line.c_str(), "Rss: %" SCNu64, &kib) == 1)
      return kib;
  }
  return 0;
}

}  // namespace nestwalk::test
