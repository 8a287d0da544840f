// Ctrl-C: the statistics so far, marked as partial.
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
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
constexpr int terminated = 143;

outcome interrupt_now(program_run& run, int signal) {
  kill(run.process(), signal);
  return run.finish();
}

outcome interrupt(program_run& run, int signal = SIGINT) {
  std::this_thread::sleep_for(long_enough_to_begin);
  return interrupt_now(run, signal);
}

std::vector<std::string> endless(const std::string& command, const workplace& files) {
  return {command,
          "--workload",
          "gups",
          "--set",
          "workload.length=100000000000",
          "--set",
          "workload.footprint=1MiB",
          "--stats",
          files.path("out.json")};
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

TEST(interruption, by_a_termination_has_the_status_of_one) {
  for (const char* const command : {"run", "compare"}) {
    const workplace files;
    program_run run(endless(command, files));
    const outcome done = interrupt(run, SIGTERM);
    EXPECT_EQ(done.status, terminated) << done.err;
    EXPECT_EQ(files.json("out.json").at("partial"), true);
  }
}

// As `timeout` does, which signals its child and then its child's group.
TEST(interruption, by_a_second_signal_right_behind_the_first_is_the_same_one) {
  for (const char* const command : {"run", "compare"})
    for (const auto between : {0us, 20us, 2000us}) {
      const workplace files;
      program_run run(endless(command, files));
      std::this_thread::sleep_for(long_enough_to_begin);
      kill(run.process(), SIGTERM);
      std::this_thread::sleep_for(between);
      const outcome done = interrupt_now(run, SIGTERM);
      EXPECT_EQ(done.status, terminated) << done.err;
      EXPECT_EQ(files.json("out.json").at("partial"), true);
    }
}

// Which is held up by a reader of its results that does not read.
TEST(interruption, by_a_signal_more_than_a_second_behind_the_first_ends_at_once) {
  const workplace files;
  const std::string pipe = files.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reading = open(pipe.c_str(), O_RDWR);
  program_run run({"run", "--workload", "gups", "--walk-log", pipe, "--set", "workload.length=100000000000"});
  std::this_thread::sleep_for(long_enough_to_begin);
  kill(run.process(), SIGINT);
  std::this_thread::sleep_for(1200ms);
  const outcome done = interrupt_now(run, SIGTERM);
  close(reading);
  EXPECT_EQ(done.status, terminated);
  EXPECT_EQ(done.out, "");
}

TEST(interruption, ends_what_waits_for_a_fifo_to_be_opened) {
  for (const char* const command : {"run", "compare"}) {
    const workplace files;
    const std::string pipe = files.path("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    program_run run({command, "--trace", pipe});
    const auto before = std::chrono::steady_clock::now();
    const outcome done = interrupt(run, SIGTERM);
    EXPECT_EQ(done.status, terminated) << done.err;
    EXPECT_EQ(done.err.find("nestwalk: "), std::string::npos) << done.err;
    EXPECT_LT(std::chrono::steady_clock::now() - before, long_enough_to_begin + 5s);
  }
}

TEST(interruption, waits_for_the_writer_of_a_fifo) {
  const workplace files;
  const std::string pipe = files.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  program_run run({"run", "--trace", pipe, "--stats", files.path("out.json")});
  std::this_thread::sleep_for(long_enough_to_begin);
  std::ofstream(pipe) << lackey_trace(4000, 10);
  const outcome done = run.finish();
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(statistic(files.json("out.json"), 0, "core.accesses"), 4000);
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
