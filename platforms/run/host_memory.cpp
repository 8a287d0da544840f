#include "platforms/run/host_memory.h"

#include <fstream>
#include <limits>
#include <new>
#include <sys/resource.h>

namespace nestwalk::platforms {

std::uint64_t host_memory::available_kib() const {
  std::ifstream file(meminfo_);
  std::string word;
  while (file >> word)
    if (std::uint64_t kib = 0; word == "MemAvailable:" && file >> kib) return kib;
  return std::numeric_limits<std::uint64_t>::max();
}

void host_memory::check() {
  if (calls_++ % calls_per_look != 0) return;
  rusage taken = {};
  getrusage(RUSAGE_SELF, &taken);
  const auto most_kib = static_cast<std::uint64_t>(taken.ru_maxrss);
  if (most_kib < seen_kib_ + step_kib) return;
  seen_kib_ = most_kib;
  if (available_kib() < margin_kib) throw std::bad_alloc();
}

}  // namespace nestwalk::platforms
