// What DMI grants cost by the number that live: to grant and take back, and operations that take none back.
#include <benchmark/benchmark.h>

#include "machines.h"

namespace {

using nestwalk::bench::grant_machine;
using nestwalk::paging::access_mode;

/// The i-th page, one after another or in an order that no prefetcher knows.
std::uint64_t page_of(const benchmark::State& state, std::uint64_t i) {
  return state.range(1) != 0 ? grant_machine::page(i) : grant_machine::first_page + (i % grant_machine::pages << 12);
}

/// The machine with as many grants of the first pages.
grant_machine& with_grants(const benchmark::State& state, bool keyed) {
  grant_machine& m = nestwalk::bench::elaborated().grants;
  m.take_all_back();
  m.write_cr3(0);
  for (std::int64_t i = 0; i < state.range(0); ++i) m.ask(page_of(state, static_cast<std::uint64_t>(i)), keyed);
  return m;
}

// A page is granted and the one that was granted longest ago taken back, so that as many live all the time.
void grant_and_invlpg(benchmark::State& state) {
  grant_machine& m = with_grants(state, false);
  auto next = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t before = m.taken_back();
  for (auto _ : state) {
    m.invlpg(page_of(state, next - static_cast<std::uint64_t>(state.range(0))));
    m.ask(page_of(state, next), false);
    ++next;
  }
  state.counters["revocations"] =
      static_cast<double>(m.taken_back() - before) / static_cast<double>(state.iterations());
  state.counters["grants/s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void invlpg_of_a_page_not_granted(benchmark::State& state) {
  grant_machine& m = with_grants(state, false);
  std::uint64_t i = 100'000;
  for (auto _ : state) m.invlpg(page_of(state, i++ % 30'000 + 100'000));
}

void invept_of_another_context(benchmark::State& state) {
  grant_machine& m = with_grants(state, false);
  for (auto _ : state) m.invept_of_another();
}

// Grants kept by context stay.
void cr3_switch(benchmark::State& state) {
  grant_machine& m = with_grants(state, true);
  std::uint64_t pcid = 0;
  for (auto _ : state) m.write_cr3(++pcid % 2);
}

void change_of_cpl(benchmark::State& state) {
  grant_machine& m = with_grants(state, false);
  bool user = false;
  for (auto _ : state) {
    user = !user;
    m.access(page_of(state, 1), user ? access_mode::user : access_mode::supervisor_ac);
  }
}

void numbers(benchmark::internal::Benchmark* b) {
  b->ArgNames({"live", "scattered"})->Args({16, 0})->Args({65536, 0})->Args({16, 1})->Args({65536, 1});
}

BENCHMARK(grant_and_invlpg)->Apply(numbers);
BENCHMARK(invlpg_of_a_page_not_granted)->Apply(numbers);
BENCHMARK(invept_of_another_context)->Apply(numbers);
BENCHMARK(cr3_switch)->Apply(numbers);
BENCHMARK(change_of_cpl)->Apply(numbers);

}  // namespace
