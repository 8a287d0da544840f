// Operations drawn at random on mmus of many shapes, beside an oracle that holds what the architecture allows. The seed
// and the count of operations may be given: NESTWALK_SEED=7 NESTWALK_OPERATIONS=1000000.
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "player.h"
#include "support/environment.h"

namespace nestwalk::test {
namespace {

constexpr std::uint64_t operations_of_a_round = 2000;  // between restarts, so that a failing sequence is short

struct shape {
  const char* name;
  bool nested;
  paging::nested_kind format;
  bool flags;  ///< EPT accessed/dirty flags
  mmu::mmu_config config;
  bool logs = false;   ///< page-modification logging
  bool traps = false;  ///< guest mode execute trap
  bool pae = false;    ///< a guest in PAE paging
  friend void PrintTo(const shape& s, std::ostream* out) { *out << s.name; }
};

// Of up to three arrays.
tlb::tlb_config tlb_of(const std::vector<tlb::array_config>& arrays, bool filter = true) {
  tlb::tlb_config c;
  tlb::array_config* const places[] = {&c.base, &c.large, &c.huge};
  for (tlb::array_config* each : places) each->entries = 0;
  for (std::size_t i = 0; i < arrays.size(); ++i) *places[i] = arrays[i];
  c.filter = filter;
  return c;
}

tlb::tlb_config tlb_of(const tlb::array_config& array, tlb::replacement_policy policy, std::uint32_t seed) {
  tlb::tlb_config c = tlb_of({array});
  c.replacement = policy;
  c.seed = seed;
  return c;
}

constexpr unsigned all_sizes = tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_4m | tlb::pages::of_1g;

// Big enough to hold all of the world: what is remembered is remembered until it is flushed.
mmu::mmu_config roomy() {
  mmu::mmu_config c;
  c.l1i_tlb = tlb_of({{16, 4, tlb::pages::of_4k}, {8, 0, tlb::pages::of_2m | tlb::pages::of_1g}});
  c.l1d_tlb = tlb_of({{16, 4, tlb::pages::of_4k}, {8, 4, tlb::pages::of_2m}, {4, 0, tlb::pages::of_1g}});
  c.l2_tlb = tlb_of({{512, 8, tlb::pages::of_4k | tlb::pages::of_2m}, {16, 4, tlb::pages::of_1g}});
  c.nested_tlb = tlb_of({{256, 8, all_sizes}});
  for (walker::walker_config* w : {&c.guest_walker, &c.nested_walker})
    w->caches.pml5e = w->caches.pml4e = w->caches.pdpte = w->caches.pde = {32, 4};
  return c;
}

mmu::mmu_config host_addresses() {
  mmu::mmu_config c = roomy();
  c.guest_walker.caches.holds = walker::held_address::host_physical;
  return c;
}

mmu::mmu_config tiny(tlb::replacement_policy policy) {
  mmu::mmu_config c = roomy();
  c.l1i_tlb = tlb_of({2, 2, all_sizes}, policy, 3);
  c.l1d_tlb = tlb_of({2, 2, all_sizes}, policy, 5);
  c.l2_tlb = tlb_of({8, 4, all_sizes}, policy, 7);
  c.nested_tlb = tlb_of({4, 4, all_sizes}, policy, 11);
  for (walker::walker_config* w : {&c.guest_walker, &c.nested_walker}) {
    w->caches = {};
    w->caches.pde = {2, 0};
    w->caches.pdpte = {1, 0};
  }
  return c;
}

// Every large page in pieces of 4 KBytes, so that flushes by address have many to find.
mmu::mmu_config splintering() {
  mmu::mmu_config c = roomy();
  c.l1i_tlb = c.l1d_tlb = tlb_of({{16, 4, tlb::pages::of_4k}}, false);
  c.l2_tlb = tlb_of({{256, 8, tlb::pages::of_4k}}, false);
  c.nested_tlb = tlb_of({{64, 4, tlb::pages::of_4k}}, false);
  return c;
}

mmu::mmu_config one_level() {
  mmu::mmu_config c = roomy();
  c.l2_tlb = tlb_of({});
  c.nested_tlb = tlb_of({});
  return c;
}

mmu::mmu_config nothing_cached() {
  mmu::mmu_config c;
  c.l1i_tlb = c.l1d_tlb = c.l2_tlb = c.nested_tlb = tlb_of({});
  return c;
}

mmu::mmu_config only_walk_caches() {
  mmu::mmu_config c = roomy();
  c.l1i_tlb = c.l1d_tlb = c.l2_tlb = tlb_of({});
  return c;
}

std::vector<shape> shapes() {
  using tlb::replacement_policy;
  constexpr auto ept = paging::nested_kind::ept;
  constexpr auto npt = paging::nested_kind::npt;
  return {{"native_roomy", false, ept, false, roomy()},
          {"native_tiny_fifo", false, ept, false, tiny(replacement_policy::fifo)},
          {"native_splintering", false, ept, false, splintering()},
          {"ept_roomy", true, ept, false, roomy()},
          {"ept_roomy_with_flags", true, ept, true, roomy()},
          {"ept_host_addresses", true, ept, false, host_addresses()},
          {"ept_host_addresses_with_flags", true, ept, true, host_addresses()},
          {"ept_tiny_lru", true, ept, true, tiny(replacement_policy::lru)},
          {"ept_tiny_plru", true, ept, false, tiny(replacement_policy::tree_plru)},
          {"ept_tiny_random", true, ept, true, tiny(replacement_policy::random)},
          {"ept_splintering", true, ept, false, splintering()},
          {"ept_one_level", true, ept, false, one_level()},
          {"ept_nothing_cached", true, ept, true, nothing_cached()},
          {"ept_only_walk_caches", true, ept, false, only_walk_caches()},
          {"ept_roomy_logging", true, ept, true, roomy(), true},
          {"ept_host_addresses_logging", true, ept, true, host_addresses(), true},
          {"ept_tiny_logging", true, ept, true, tiny(replacement_policy::lru), true},
          {"npt_roomy_trapping", true, npt, true, roomy(), false, true},
          {"npt_tiny_trapping", true, npt, true, tiny(replacement_policy::random), false, true},
          {"npt_roomy_pae", true, npt, true, roomy(), false, false, true},
          {"npt_host_addresses_pae", true, npt, true, host_addresses(), false, false, true},
          {"npt_tiny_pae", true, npt, true, tiny(replacement_policy::lru), false, false, true},
          {"npt_roomy", true, npt, true, roomy()},
          {"npt_host_addresses", true, npt, true, host_addresses()},
          {"npt_tiny_random", true, npt, true, tiny(replacement_policy::random)}};
}

class random_flushes : public testing::TestWithParam<shape> {};

TEST_P(random_flushes, answer_only_what_the_architecture_allows) {
  const std::uint64_t seed = from_environment("NESTWALK_SEED", 1);
  const std::uint64_t total = from_environment("NESTWALK_OPERATIONS", 14000);
  const world w(GetParam().nested, GetParam().format,
                {GetParam().flags, GetParam().logs, GetParam().traps, GetParam().pae});
  platforms::bare_mmu machine("machine", GetParam().config);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  player p(machine, w);
  std::mt19937_64 draw(seed);
  for (std::uint64_t done = 0; done < total; done += operations_of_a_round) {
    std::vector<operation> operations;
    while (operations.size() < operations_of_a_round) operations.push_back(w.random(draw));
    std::string wrong;
    const std::size_t stopped = p.play_all(operations, wrong);
    if (stopped == operations.size()) continue;
    operations.resize(stopped + 1);
    operations = shortened(p, operations);
    p.play_all(operations, wrong);
    std::string account;
    for (const operation& o : operations) account += "  " + to_string(o) + "\n";
    FAIL() << "seed " << seed << ", near operation " << done + stopped << ", after the world's beginning:\n"
           << account << wrong;
  }
  std::cout << "seed " << seed << ": " << total << " operations, " << p.accesses() << " accesses, " << p.faults()
            << " faults, " << p.stale_answers() << " stale answers, all allowed\n";
  if (GetParam().logs) {
    std::cout << p.records() << " records in the page-modification log, full " << p.full_logs() << " times\n";
    EXPECT_GT(p.records(), total / 500);
    EXPECT_GT(p.full_logs(), total / 4000);
  }
  EXPECT_GT(p.accesses() - p.faults() + p.full_logs(), p.accesses() / 4)
      << "the world must mostly work to show anything";
}

INSTANTIATE_TEST_SUITE_P(shapes, random_flushes, testing::ValuesIn(shapes()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace nestwalk::test
