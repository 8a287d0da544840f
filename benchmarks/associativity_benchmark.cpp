// What 65,536 entries of full associativity cost a whole run, beside 1,536 of 12 ways, turn by turn.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "finished_run.h"

namespace {

using nestwalk::bench::finished_run;

using options = std::vector<std::string>;

options of_shape(options o, const std::string& structure, const std::string& entries, const std::string& ways) {
  for (const std::string& key : {structure + ".entries=" + entries, structure + ".ways=" + ways})
    o.insert(o.end(), {"--set", key});
  return o;
}

void compare(benchmark::State& state, const options& common, const std::string& structure) {
  double small_seconds = 0;
  double big_seconds = 0;
  for (auto _ : state) {
    const finished_run small = nestwalk::bench::run_nested(of_shape(common, structure, "1536", "12"));
    const finished_run big = nestwalk::bench::run_nested(of_shape(common, structure, "65536", "0"));
    if (!small.good || !big.good) {
      state.SkipWithError("the run failed");
      return;
    }
    state.SetIterationTime(big.seconds);
    small_seconds += small.seconds;
    big_seconds += big.seconds;
  }
  state.counters["times_1536x12"] = big_seconds / small_seconds;
}

void l2_tlb_fully_associative(benchmark::State& state, const char* workload, const char* policy) {
  compare(state,
          {"--workload", workload, "--limit", "600000", "--set", std::string("mmu.l2_tlb.replacement=") + policy},
          "mmu.l2_tlb");
}

void walk_cache_fully_associative(benchmark::State& state, const char* workload) {
  compare(state, {"--workload", workload, "--limit", "600000"}, "mmu.guest_walker.pde");
}

// Random pages: nearly every access asks the L2 TLB. Processes in turn: flushes, and the same pages in many contexts.
BENCHMARK_CAPTURE(l2_tlb_fully_associative, gups_lru, "gups", "lru")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(l2_tlb_fully_associative, gups_tree_plru, "gups", "tree-plru")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(l2_tlb_fully_associative, gups_fifo, "gups", "fifo")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(l2_tlb_fully_associative, gups_random, "gups", "random")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(l2_tlb_fully_associative, switch_lru, "switch", "lru")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(l2_tlb_fully_associative, fork_lru, "fork", "lru")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(walk_cache_fully_associative, gups, "gups")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(walk_cache_fully_associative, fork, "fork")->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
