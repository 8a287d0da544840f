// A device's request beside a program's load through the mmu's socket: hits of a TLB, and walks of both stages.
#include <ctime>

#include <benchmark/benchmark.h>

#include "machines.h"

namespace {

using nestwalk::bench::device_bench_machine;

double computed() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Calls `load` for the `i`-th of `pages` pages, in an order that no prefetcher knows.
template <class Load>
double loads(std::uint64_t count, std::uint64_t pages, Load&& load) {
  const double began = computed();
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < count; ++i)
    sum += load(device_bench_machine::first_page + (i * 0x6a09 + 7) % pages * 4096);
  benchmark::DoNotOptimize(sum);
  return computed() - began;
}

void measure(benchmark::State& state, device_bench_machine& m, std::uint64_t pages, std::uint64_t count) {
  const auto by_program = [&m](std::uint64_t at) { return m.load(at); };
  const auto by_device = [&m](std::uint64_t at) { return m.load_by_device(at); };
  loads(count, pages, by_program);
  loads(count, pages, by_device);
  double program = 0;
  double device = 0;
  for (auto _ : state) {  // turn by turn, so that both see the same host
    program += loads(count, pages, by_program);
    const double took = loads(count, pages, by_device);
    device += took;
    state.SetIterationTime(took);
  }
  const double all = static_cast<double>(count) * static_cast<double>(state.iterations());
  state.counters["mmu_ns"] = program * 1e9 / all;
  state.counters["iommu_ns"] = device * 1e9 / all;
  state.counters["times_mmu"] = device / program;
}

void iotlb_hits_beside_the_mmus(benchmark::State& state) {
  device_bench_machine& m = nestwalk::bench::elaborated().with_tlbs;
  constexpr std::uint64_t pages = 32;
  loads(pages, pages, [&m](std::uint64_t at) { return m.load(at) + m.load_by_device(at); });
  const std::uint64_t walks = m.walks() + m.device_walks();
  measure(state, m, pages, 16384);
  if (m.walks() + m.device_walks() != walks) state.SkipWithError("not every access hit");
}
void device_walks_beside_the_mmus(benchmark::State& state) {
  measure(state, nestwalk::bench::elaborated().without_tlbs, device_bench_machine::pages, device_bench_machine::pages);
}

BENCHMARK(iotlb_hits_beside_the_mmus)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(0.5);
BENCHMARK(device_walks_beside_the_mmus)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(0.5);

}  // namespace
