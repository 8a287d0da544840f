#include "nestwalk/memory/cache_config.h"

#include "nestwalk/configuration/group.h"

namespace nestwalk::memory {

void describe(const configuration::group& into, const std::string& what, cache_config& c) {
  into.whole("size", "bytes", {0, std::uint64_t{1} << 32},
             "size of the " + what + ": a power of two, times its ways, times caches.line; with 0 it is not built",
             c.size);
  into.whole("ways", "ways", {1, 1024}, "ways of the " + what, c.ways);
  into.whole("latency", "cycles", {0, 10'000},
             "time of a look-up in the " + what + ", on top of that of the levels above", c.latency_cycles);
}

}  // namespace nestwalk::memory
