// The machines that benchmarks share: SystemC elaborates once a process.
#pragma once

#include "walk_machine.h"

namespace nestwalk::bench {

struct machines {
  walk_machine by_dmi{"by_dmi", true};
  walk_machine by_transport{"by_transport", false};
};

/// The machines, elaborated before the first benchmark runs.
machines& elaborated();

}  // namespace nestwalk::bench
