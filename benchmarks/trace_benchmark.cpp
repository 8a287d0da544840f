// The product end to end, as a user runs it: a shipped trace on the nested machine, caches and DRAM modelled.
#include <string>

#include <benchmark/benchmark.h>

#include "finished_run.h"

namespace {

using nestwalk::bench::finished_run;

void trace_end_to_end(benchmark::State& state, const char* name) {
  double accesses = 0;
  double seconds = 0;
  double megabytes = 0;
  for (auto _ : state) {
    const finished_run run =
        nestwalk::bench::run_nested({"--trace", std::string(NESTWALK_TRACES) + "/" + name + ".lackey.zst"});
    if (!run.good) {
      state.SkipWithError("the run failed");
      return;
    }
    state.SetIterationTime(run.seconds);
    accesses += run.accesses;
    seconds += run.seconds;
    megabytes = run.megabytes;
  }
  state.counters["accesses/s"] = accesses / seconds;
  state.counters["peak_MB"] = megabytes;
}

BENCHMARK_CAPTURE(trace_end_to_end, sqlite, "sqlite")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trace_end_to_end, lua, "lua")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trace_end_to_end, cc1, "cc1")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trace_end_to_end, join, "join")->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
