// Runs the benchmarks inside SystemC's main.
#include <memory>

#include <benchmark/benchmark.h>
#include <systemc>

#include "machines.h"

namespace nestwalk::bench {

namespace {
std::unique_ptr<machines> built;
}

machines& elaborated() {
  return *built;
}

}  // namespace nestwalk::bench

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  nestwalk::bench::built = std::make_unique<nestwalk::bench::machines>();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  nestwalk::bench::built->start();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
