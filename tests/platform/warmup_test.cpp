// What a warm-up leaves behind in the statistics: nothing.
#include <gtest/gtest.h>

#include "nestwalk/workload/make_generator.h"
#include "platform/program_run.h"
#include "platforms/machine.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::platform_tests;
using platforms::machine_mode;

class statistics_of : public testing::TestWithParam<machine_mode> {};

TEST_P(statistics_of, keep_nothing_at_a_reset) {
  platforms::configuration c;
  platforms::machine m(c, GetParam());
  workload::generator_settings settings;
  settings.forking.footprint = 256 << 10;
  settings.forking.length = 30000;
  const auto source = workload::make_generator("fork", settings);
  cpu::program what;
  what.operations = source.get();
  m.run(what);
  m.statistics().reset();
  m.statistics().visit([](const std::string& path, const statistics::leaf& each) {
    if (std::holds_alternative<statistics::leaf::state>(each.from())) return;
    EXPECT_EQ(each.value(), 0.0) << path;
  });
}

/// Of a run with a warm-up: what the whole run counted, less what the warm-up alone did.
TEST_P(statistics_of, after_a_warmup_are_those_of_the_run_less_those_of_the_warmup) {
  const workplace files;
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> options{
        "run",  "--mode", platforms::name_of(GetParam()), "--quiet", "--workload",
        "fork", "--set",  "workload.footprint=256KiB",    "--stats", files.path("out.json")};
    options.insert(options.end(), more.begin(), more.end());
    const outcome done = run_program(options);
    EXPECT_EQ(done.status, 0) << done.err;
    return files.json("out.json").at("machines")[0].at("statistics");
  };
  const nlohmann::json all = run({"--limit", "60000"});
  const nlohmann::json before = run({"--limit", "20001"});
  const nlohmann::json after = run({"--limit", "60000", "--warmup", "20001"});
  unsigned compared = 0;
  const auto is_less = [&](const std::string& path, const nlohmann::json& a, const nlohmann::json& b,
                           const nlohmann::json& c) {
    EXPECT_EQ(a.get<std::uint64_t>() - b.get<std::uint64_t>(), c.get<std::uint64_t>()) << path;
    compared += a != b ? 1 : 0;
  };
  for (const auto& [path, leaf] : all.items()) {
    const nlohmann::json& whole = leaf.at("value");
    const nlohmann::json& first = before.at(path).at("value");
    const nlohmann::json& rest = after.at(path).at("value");
    if (whole.is_object())
      for (const char* const of : {"count", "sum"}) is_less(path, whole.at(of), first.at(of), rest.at(of));
    else if (whole.is_number_unsigned() && path != "guest.processes" && path != "guest.memory_in_use")
      is_less(path, whole, first, rest);
  }
  EXPECT_GT(compared, 50u);
}

INSTANTIATE_TEST_SUITE_P(each_machine, statistics_of, testing::ValuesIn(platforms::all_modes),
                         [](const auto& info) { return platforms::name_of(info.param); });

}  // namespace
