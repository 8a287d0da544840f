// What hardware-assisted translation is about: shadow paging pays by exits, nested paging by walks.
#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

constexpr std::size_t native = 0;
constexpr std::size_t shadow = 1;
constexpr std::size_t nested = 2;

nlohmann::json compared(std::vector<std::string> options) {
  const workplace files;
  options.insert(options.begin(), {"compare", "--quiet", "--stats", files.path("out.json")});
  const outcome done = run_program(options);
  EXPECT_EQ(done.status, 0) << done.err;
  return files.json("out.json");
}

TEST(trade_off, a_guest_that_forks_exits_ten_times_as_often_under_shadow_paging_and_runs_longer) {
  const nlohmann::json results = compared({"--workload", "fork", "--set", "workload.length=400000"});
  EXPECT_GE(statistic(results, shadow, "vmm.exits"), 10 * statistic(results, nested, "vmm.exits"));
  EXPECT_GT(statistic(results, shadow, "core.cycles"), statistic(results, nested, "core.cycles"));
}

double walk_cycles(const nlohmann::json& results, std::size_t machine) {
  return results.at("machines")[machine]["statistics"]["mmu.guest_walker.latency"]["value"]["sum"].get<double>();
}

// Equal leaf sizes: the guest maps 4K, so the shadow does too. Warm: every page has been touched before.
TEST(trade_off, walks_cost_more_under_nested_paging_and_the_same_under_shadow_paging) {
  const nlohmann::json results = compared({"--workload", "gups", "--set", "workload.footprint=32MiB", "--set",
                                           "workload.length=600000", "--warmup", "300000"});
  EXPECT_GT(walk_cycles(results, nested), walk_cycles(results, native));
  EXPECT_NEAR(statistic(results, shadow, "mmu.guest_walker.reads_per_walk"),
              statistic(results, native, "mmu.guest_walker.reads_per_walk"), 0.01);
  EXPECT_NEAR(walk_cycles(results, shadow), walk_cycles(results, native), 0.05 * walk_cycles(results, native));
}

}  // namespace
