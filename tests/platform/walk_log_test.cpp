#include <sstream>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

std::vector<nlohmann::json> logged(const std::string& mode) {
  const workplace files;
  const outcome done =
      run_program({"run", "--quiet", "--mode", mode, "--workload", "gups", "--set", "workload.length=2000",
                   "--walk-log", files.path("walks.jsonl"), "--stats", files.path("out.json")});
  EXPECT_EQ(done.status, 0) << done.err;
  std::vector<nlohmann::json> walks;
  std::istringstream lines(files.read("walks.jsonl"));
  for (std::string line; std::getline(lines, line);) walks.push_back(nlohmann::json::parse(line));
  EXPECT_EQ(static_cast<double>(walks.size()), statistic(files.json("out.json"), 0, "mmu.guest_walker.walks"));
  return walks;
}

TEST(walk_log, has_a_line_for_each_walk) {
  EXPECT_GT(logged("native").size(), 100u);
}

TEST(walk_log, tells_each_read_of_a_nested_walk) {
  unsigned nested_reads = 0;
  unsigned guest_reads = 0;
  for (const nlohmann::json& walk : logged("nested")) {
    EXPECT_EQ(walk.at("gva").get<std::string>().rfind("0x", 0), 0u);
    EXPECT_TRUE(walk.at("result").contains("hpa") || walk.at("result").contains("fault"));
    for (const nlohmann::json& step : walk.at("steps")) {
      if (step.at("step") != "read") continue;
      EXPECT_TRUE(step.contains("flags") && step.contains("served_by") && step.contains("cycles"));
      ++(step.at("stage") == "nested" ? nested_reads : guest_reads);
    }
  }
  EXPECT_GT(nested_reads, 0u);
  EXPECT_GT(guest_reads, 0u);
}

TEST(walk_log, says_when_each_walk_began) {
  std::uint64_t before = 0;
  std::uint64_t ended = 0;
  for (const nlohmann::json& walk : logged("native")) {
    const std::uint64_t began = walk.at("began").get<std::uint64_t>();
    EXPECT_GT(began, before);
    EXPECT_GE(began + 1, ended) << "a walk began while another one was under way";  // a cycle for rounding
    before = began;
    ended = began + walk.at("cycles").get<std::uint64_t>();
  }
}

}  // namespace
