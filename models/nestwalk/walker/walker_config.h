// What a walker is built with.
#pragma once

#include <string>

#include <systemc>

#include "nestwalk/walker/walk_cache_config.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::walker {

/// Configuration of a guest or nested walker.
struct walker_config {
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period: what the cycles below and the latency statistics count
  unsigned start_cycles = 0;                  ///< cycles that a walk takes before its first step
  unsigned step_cycles = 1;                   ///< cycles that the walker adds to each read of an entry
  unsigned exchange_cycles = 0;  ///< cycles that the walker adds to each exchange, which sets the flags of an entry
  unsigned cache_cycles = 1;     ///< cycles of a look-up of the walk caches, where any is built
  bool asks_again = false;       ///< a guest walker asks the second stage again before each exchange
  bool use_dmi = true;           ///< read tables through DMI where memory grants it
  walk_cache_config caches;      ///< sizes 0 by default: not built
};

/// Its keys; `what` is what sentences call the walker. The clock period and the use of DMI, which several walkers
/// share, have none here.
void describe(const configuration::group& into, const std::string& what, walker_config& c);
/// The keys of a walker of a first stage: those above, and those that only such a walker has.
void describe_guest_walker(const configuration::group& into, const std::string& what, walker_config& c);

}  // namespace nestwalk::walker
