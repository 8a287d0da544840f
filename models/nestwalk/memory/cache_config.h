// What a cache is made of.
#pragma once

#include <cstdint>
#include <string>

#include <systemc>

#include "nestwalk/protocol/memory_level.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::memory {

struct cache_config {
  std::uint64_t size = 32 * 1024;                             ///< bytes: a power of two of sets, times ways, times line
  unsigned ways = 8;                                          ///< from 1 up
  unsigned line = 64;                                         ///< bytes, a power of two from 16
  sc_core::sc_time cycle{1, sc_core::SC_NS};                  ///< clock period
  std::uint64_t latency_cycles = 4;                           ///< time of one look-up, hit or miss
  protocol::memory_level level = protocol::memory_level::l1;  ///< the level that it reports for what it serves
  bool filter = true;  ///< answer plain accesses by a fast path; counters, state and times are the same
};

/// Its keys; `what` is what sentences call it. What the levels of a hierarchy share (line, filter, clock period) has no
/// key here.
void describe(const configuration::group& into, const std::string& what, cache_config& c);

}  // namespace nestwalk::memory
