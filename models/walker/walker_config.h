// What a walker is built with.
#pragma once

#include <systemc>

#include "walker/walk_cache_config.h"

namespace nestwalk::walker {

/// Configuration of a guest or nested walker.
struct walker_config {
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period: what the cycles below and the latency statistics count
  unsigned start_cycles = 0;                  ///< cycles of a walk beside its reads: to take the question, to answer it
  unsigned step_cycles = 1;                   ///< cycles that the walker adds to each entry read
  unsigned exchange_cycles = 0;  ///< cycles that the walker adds to each exchange of an entry for its flags
  unsigned cache_cycles = 1;     ///< cycles of a look-up of the walk caches, where any is built
  bool asks_again = false;       ///< of a guest's walker: the second stage anew for each exchange
  bool use_dmi = true;           ///< read tables through DMI where memory grants it
  walk_cache_config caches;      ///< sizes 0 by default: not built
};

}  // namespace nestwalk::walker
