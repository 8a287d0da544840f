// Two-dimensional walks a second through the walkers' sockets, all 24 reads of each, beside a bare C walk over the same
// tables.
#include <ctime>

#include <benchmark/benchmark.h>

#include "machines.h"

namespace {

using nestwalk::bench::walk_machine;

constexpr std::uint64_t batch = walk_machine::pages;

/// Seconds that this thread has computed: what else runs on the host takes no part.
double computed() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Runs `step` over every page; each address depends on the answer before it, whose page offset is 0.
template <class Step>
double all_pages(const walk_machine& m, Step&& step) {
  const double began = computed();
  std::uint64_t answer = 0;
  for (std::uint64_t i = 0; i < batch; ++i) answer = step(m.page(i) | (answer & 4095));
  benchmark::DoNotOptimize(answer);
  return computed() - began;
}

void measure(benchmark::State& state, walk_machine& m) {
  all_pages(m, [&m](std::uint64_t gva) { return m.translate(gva); });
  const std::uint64_t walks_before = m.walks();
  const std::uint64_t reads_before = m.reads();
  double modelled = 0;
  double bare = 0;
  for (auto _ : state) {  // turn by turn, so that both see the same host
    const double took = all_pages(m, [&m](std::uint64_t gva) { return m.translate(gva); });
    bare += all_pages(m, [&m](std::uint64_t gva) { return nestwalk::bench::bare_walk(m.bare(), gva); });
    modelled += took;
    state.SetIterationTime(took);
  }
  const std::uint64_t walks = m.walks() - walks_before;
  state.counters["walks/s"] = static_cast<double>(walks) / modelled;
  state.counters["reads/walk"] = static_cast<double>(m.reads() - reads_before) / static_cast<double>(walks);
  state.counters["ns/walk"] = modelled * 1e9 / static_cast<double>(walks);
  state.counters["bare_ns/walk"] = bare * 1e9 / static_cast<double>(walks);
  state.counters["times_bare"] = modelled / bare;
}

void two_dimensional_walks_by_dmi(benchmark::State& state) {
  measure(state, nestwalk::bench::elaborated().by_dmi);
}
void two_dimensional_walks_by_metered_dmi(benchmark::State& state) {
  measure(state, nestwalk::bench::elaborated().by_metered_dmi);
}
void two_dimensional_walks_by_transport(benchmark::State& state) {
  measure(state, nestwalk::bench::elaborated().by_transport);
}

/// Hits of a TLB of 64 entries, four ways, through its socket.
void tlb_hits(benchmark::State& state) {
  walk_machine& m = nestwalk::bench::elaborated().by_dmi;
  constexpr std::uint64_t pages = 32;
  const std::uint64_t first = m.page(0) & ~(pages * 4096 - 1);
  for (std::uint64_t i = 0; i < pages; ++i) m.translate_by_tlb(first + i * 4096);
  const std::uint64_t walks = m.walks();
  std::uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(m.translate_by_tlb(first + (i++ * 7 % pages) * 4096));
  if (m.walks() != walks) state.SkipWithError("not every translation hit");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

BENCHMARK(two_dimensional_walks_by_dmi)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(0.5);
BENCHMARK(two_dimensional_walks_by_metered_dmi)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(0.5);
BENCHMARK(two_dimensional_walks_by_transport)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(0.5);
BENCHMARK(tlb_hits);

}  // namespace
