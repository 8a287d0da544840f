// Counters interval by interval, and whose each cycle was.
#include <cstdint>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> found;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) found.push_back(cell);
  return found;
}

// The table that --intervals writes: its columns by name.
std::map<std::string, std::vector<std::uint64_t>> columns_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> names = cells_of(line);
  std::map<std::string, std::vector<std::uint64_t>> columns;
  while (std::getline(lines, line)) {
    const std::vector<std::string> values = cells_of(line);
    EXPECT_EQ(values.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) columns[names[i]].push_back(std::stoull(values.at(i)));
  }
  return columns;
}

std::uint64_t whole_of(const nlohmann::json& statistics, const std::string& path) {
  if (statistics.contains(path)) return statistics[path]["value"].get<std::uint64_t>();
  const std::size_t dot = path.rfind('.');
  return statistics.at(path.substr(0, dot))["value"].at(path.substr(dot + 1)).get<std::uint64_t>();
}

TEST(intervals, add_up_to_the_statistics) {
  const workplace files;
  const outcome done = run_program({"run", "--mode", "shadow", "--workload", "fork", "--limit", "50000", "--warmup",
                                    "7000", "--set", "statistics.cycle_stack=true", "--quiet", "--interval", "4000",
                                    "--intervals", files.path("out.csv"), "--stats", files.path("out.json")});
  ASSERT_EQ(done.status, 0) << done.err;
  auto columns = columns_of(files.read("out.csv"));
  ASSERT_EQ(columns["from"].size(), 11u);
  for (std::size_t i = 0; i < 11; ++i) EXPECT_EQ(columns["from"][i], 4000 * i);
  EXPECT_EQ(columns["to"].back(), 43000u);
  columns.erase("from");
  columns.erase("to");
  ASSERT_GT(columns.size(), 100u);
  const nlohmann::json statistics = files.json("out.json")["machines"][0]["statistics"];
  for (const auto& [path, values] : columns)
    EXPECT_EQ(std::accumulate(values.begin(), values.end(), std::uint64_t{0}), whole_of(statistics, path)) << path;
}

TEST(intervals, want_to_know_how_long_one_is) {
  const outcome done = run_program({"run", "--limit", "10", "--intervals", "/dev/null"});
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.err.find("--interval has to say how many accesses"), std::string::npos) << done.err;
}

nlohmann::json statistics_of(const std::string& stack) {
  const workplace files;
  const outcome done = run_program({"run", "--mode", "nested", "--workload", "churn", "--limit", "40000", "--quiet",
                                    "--set", "statistics.cycle_stack=" + stack, "--stats", files.path("out.json")});
  EXPECT_EQ(done.status, 0) << done.err;
  return files.json("out.json")["machines"][0]["statistics"];
}

TEST(cycle_stack, changes_no_other_count) {
  nlohmann::json with = statistics_of("true");
  std::size_t parts = 0;
  for (auto at = with.begin(); at != with.end();) {
    const bool of_stack = at.key().rfind("stack.", 0) == 0;
    parts += of_stack;
    at = of_stack ? with.erase(at) : std::next(at);
  }
  EXPECT_GT(parts, 30u);
  EXPECT_EQ(with, statistics_of("false"));
}

}  // namespace
