// Machines whose tables the RTL walks: the same results as with the modelled walkers, and the same cycles where the
// settings make them comparable.
#include <cmath>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

using options = std::vector<std::string>;

options with(options command, const options& more) {
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

nlohmann::json machines_of(const options& command) {
  const workplace files;
  const outcome done = run_program(with(command, {"--quiet", "--stats", files.path("out.json")}));
  EXPECT_EQ(done.status, 0) << done.err;
  return files.json("out.json");
}

double latency_of(const nlohmann::json& results, std::size_t machine, const char* walker, const char* member) {
  return results.at("machines")[machine]["statistics"][walker]["value"][member].get<double>();
}

struct workload {
  const char* name;
  options settings;
  friend void PrintTo(const workload& w, std::ostream* out) { *out << w.name; }
};

class rtl_machines : public testing::TestWithParam<workload> {};

TEST_P(rtl_machines, come_to_what_the_modelled_walkers_come_to) {
  const options command = with({"compare", "--check", "--set", "checks.protocol_monitors=true"}, GetParam().settings);
  const nlohmann::json modelled = machines_of(command);
  const nlohmann::json rtl = machines_of(with(command, {"--set", "mmu.walker=rtl"}));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rtl["machines"][i]["check"], modelled["machines"][i]["check"]) << i;
    for (const char* const same :
         {"core.accesses", "core.page_faults", "mmu.l1d_tlb.misses_4k", "mmu.l2_tlb.misses_4k", "mmu.data.accesses"})
      EXPECT_EQ(statistic(rtl, i, same), statistic(modelled, i, same)) << i << ' ' << same;
    EXPECT_EQ(statistic(rtl, i, "rtl_walker.walks"), statistic(modelled, i, "mmu.guest_walker.walks")) << i;
    EXPECT_GT(statistic(rtl, i, "rtl_walker.walks"), 0) << i;
    EXPECT_GT(statistic(rtl, i, "translation_cycles"), 0) << i;
    EXPECT_LT(statistic(rtl, i, "translation_share"), 1) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    on, rtl_machines,
    testing::Values(
        workload{"gups", {"--workload", "gups", "--set", "workload.length=20000", "--set", "workload.footprint=16MiB"}},
        workload{"fork",
                 {"--workload", "fork", "--set", "workload.length=20000", "--set", "workload.footprint=512KiB"}},
        workload{"switch_out_of_sync",
                 {"--workload", "switch", "--set", "workload.length=20000", "--set", "workload.interval=500", "--set",
                  "vmm.shadow.policy=out-of-sync", "--set", "vmm.reclaim.pages=8", "--set", "vmm.reclaim.exits=4"}},
        workload{
            "npt_five_levels",
            {"--workload", "zipf", "--set", "workload.length=20000", "--set", "workload.footprint=8MiB", "--set",
             "mmu.vendor=amd", "--set", "guest.levels=5", "--set", "vmm.nested_levels=5", "--set", "vmm.backing=4k"}}),
    [](const auto& info) { return std::string(info.param.name); });

// As the RTL is: no walk caches, no nested TLB, a cycle beside memory's a read, which is the default, one a walk and
// three an exchange, for which the guest's walker asks the second stage anew.
const options matched = {"--set", "mmu.nested_tlb.entries=0",          "--set", "mmu.nested_tlb.large.entries=0",
                         "--set", "mmu.nested_tlb.huge.entries=0",     "--set", "mmu.guest_walker.pml4e.entries=0",
                         "--set", "mmu.guest_walker.pdpte.entries=0",  "--set", "mmu.guest_walker.pde.entries=0",
                         "--set", "mmu.nested_walker.pml4e.entries=0", "--set", "mmu.nested_walker.pdpte.entries=0",
                         "--set", "mmu.nested_walker.pde.entries=0",   "--set", "mmu.guest_walker.start=1",
                         "--set", "mmu.guest_walker.exchange=3",       "--set", "mmu.nested_walker.exchange=3",
                         "--set", "mmu.guest_walker.asks_again=true"};

TEST(rtl_machines, walk_in_the_modelled_walkers_cycles_at_matched_settings) {
  // Of the traces that ship the one with the most flags set a walk.
  const options command = {"compare", "--trace", NESTWALK_SOURCE_DIR "/traces/sqlite.lackey.zst",
                           "--limit", "300000",  "--check"};
  const nlohmann::json modelled = machines_of(with(command, matched));
  const nlohmann::json rtl = machines_of(with(command, {"--set", "mmu.walker=rtl"}));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rtl["machines"][i]["check"], modelled["machines"][i]["check"]) << i;
    EXPECT_EQ(statistic(rtl, i, "rtl_walker.walks"), statistic(modelled, i, "mmu.guest_walker.walks")) << i;
    const double expected = latency_of(modelled, i, "mmu.guest_walker.latency", "sum");
    EXPECT_NEAR(latency_of(rtl, i, "rtl_walker.latency", "sum"), expected, 0.005 * expected) << i;
  }
}

TEST(rtl_machines, are_what_a_configuration_that_ships_may_ask_for) {
  const outcome done = run_program(
      {"run", "zen2", "--workload", "gups", "--set", "workload.length=2000", "--set", "mmu.walker=rtl", "--check"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("RTL walker's reads per walk"), std::string::npos) << done.out;
}

void expect_refusal(const options& command, const options& words) {
  const outcome done = run_program(command);
  EXPECT_EQ(done.status, 1) << done.out;
  for (const std::string& word : words) EXPECT_NE(done.err.find(word), std::string::npos) << word << " in " << done.err;
}

TEST(rtl_machines, are_refused_what_the_rtl_walker_does_not_do) {
  const options run = {"run", "--workload", "gups", "--set", "mmu.walker=rtl"};
  expect_refusal(with(run, {"--walk-log", "walks.jsonl"}), {"--walk-log", "mmu.walker=modelled"});
  expect_refusal(with(run, {"--set", "mmu.nested_walker.pde.entries=4"}), {"unused key mmu.nested_walker.pde.entries"});
  expect_refusal(with(run, {"--set", "mmu.nested_tlb.entries=4"}), {"unused key mmu.nested_tlb.entries"});
  expect_refusal({"explain", "0x1000", "--set", "mmu.walker=rtl"}, {"mmu.walker", "modelled"});
  expect_refusal({"run", "--set", "mmu.walker=verilog"}, {"mmu.walker", "modelled, rtl"});
}

}  // namespace
