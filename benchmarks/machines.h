// The machines that benchmarks share: SystemC elaborates once a process.
#pragma once

#include "device_bench_machine.h"
#include "grant_machine.h"
#include "walk_machine.h"

namespace nestwalk::bench {

struct machines {
  walk_machine by_dmi{"by_dmi", table_reads::by_dmi};
  walk_machine by_metered_dmi{"by_metered_dmi", table_reads::by_metered_dmi};
  walk_machine by_transport{"by_transport", table_reads::by_transport};
  grant_machine grants{"grants"};
  device_bench_machine with_tlbs{"with_tlbs", /*caches=*/true};
  device_bench_machine without_tlbs{"without_tlbs", /*caches=*/false};

  /// To be called once elaborated.
  void start() {
    with_tlbs.start();
    without_tlbs.start();
  }
};

/// The machines, elaborated before the first benchmark runs.
machines& elaborated();

}  // namespace nestwalk::bench
