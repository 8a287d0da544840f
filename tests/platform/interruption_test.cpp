// Ctrl-C: the statistics so far, marked as partial.
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;
using namespace std::chrono_literals;

constexpr auto long_enough_to_begin = 700ms;
constexpr int interrupted = 130;

outcome interrupt(program_run& run) {
  std::this_thread::sleep_for(long_enough_to_begin);
  kill(run.process(), SIGINT);
  return run.finish();
}

TEST(interruption, ends_a_run_with_the_statistics_so_far) {
  const workplace files;
  program_run run({"run", "--workload", "gups", "--set", "workload.length=100000000000", "--set",
                   "workload.footprint=1MiB", "--stats", files.path("out.json")});
  const outcome done = interrupt(run);
  EXPECT_EQ(done.status, interrupted) << done.err;
  EXPECT_NE(done.out.find("partial"), std::string::npos) << done.out;
  const nlohmann::json results = files.json("out.json");
  EXPECT_EQ(results.at("partial"), true);
  EXPECT_GT(statistic(results, 0, "core.accesses"), 0);
}

TEST(interruption, in_the_warmup_says_so) {
  const workplace files;
  program_run run({"run", "--workload", "gups", "--set", "workload.length=100000000000", "--set",
                   "workload.footprint=1MiB", "--warmup", "99999999999", "--stats", files.path("out.json")});
  const outcome done = interrupt(run);
  EXPECT_EQ(done.status, interrupted) << done.err;
  EXPECT_NE(done.err.find("warm-up of 99999999999 accesses"), std::string::npos) << done.err;
  EXPECT_EQ(files.json("out.json").at("machines")[0].at("warming_up"), true);
}

TEST(interruption, ends_a_comparison_with_the_statistics_so_far) {
  const workplace files;
  program_run run({"compare", "--workload", "gups", "--set", "workload.length=100000000000", "--set",
                   "workload.footprint=1MiB", "--stats", files.path("out.json")});
  const outcome done = interrupt(run);
  EXPECT_EQ(done.status, interrupted) << done.err;
  const nlohmann::json results = files.json("out.json");
  EXPECT_EQ(results.at("partial"), true);
  EXPECT_GE(results.at("machines").size(), 1u);
}

// What a command leaves that has read records, the last one in part, and waits for more.
outcome interrupt_waiting(const std::string& command, const workplace& files) {
  const std::string pipe = files.path("pipe");
  EXPECT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int feeding = open(pipe.c_str(), O_RDWR);  // or the program's open would wait
  const std::string records = lackey_trace(6000, 10);
  EXPECT_EQ(write(feeding, records.data(), 60003), 60003);
  program_run run({command, "--trace", "-", "--stats", files.path("out.json")}, pipe);
  const outcome done = interrupt(run);
  close(feeding);
  return done;
}

TEST(interruption, ends_a_run_that_waits_for_standard_input) {
  const workplace files;
  const outcome done = interrupt_waiting("run", files);
  EXPECT_EQ(done.status, interrupted) << done.err;
  EXPECT_EQ(files.json("out.json").at("partial"), true);
}

TEST(interruption, ends_a_comparison_that_waits_for_standard_input) {
  const workplace files;
  const outcome done = interrupt_waiting("compare", files);
  EXPECT_EQ(done.status, interrupted);
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(files.json("out.json").at("partial"), true);
}

}  // namespace
