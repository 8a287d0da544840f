#include <fstream>
#include <sys/stat.h>
#include <thread>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

TEST(compare, puts_the_three_machines_side_by_side) {
  const workplace files;
  const outcome done = run_program({"compare", "--workload", "gups", "--set", "workload.length=20000", "--set",
                                    "workload.footprint=1MiB", "--stats", files.path("out.json")});
  ASSERT_EQ(done.status, 0) << done.err;
  const nlohmann::json results = files.json("out.json");
  ASSERT_EQ(results.at("machines").size(), 3u);
  const char* const modes[] = {"native", "shadow", "nested"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(results["machines"][i].at("mode"), modes[i]);
    EXPECT_EQ(statistic(results, i, "core.accesses"), 20000);
  }
  for (const char* const words :
       {"native", "shadow", "nested", "cycles relative to native", "nested reads per walk", "served by", "VM exits"})
    EXPECT_NE(done.out.find(words), std::string::npos) << words << " in\n" << done.out;
}

TEST(compare, writes_what_each_workload_was) {
  const workplace files;
  ASSERT_EQ(run_program({"compare", "--quiet", "--limit", "2000", "--stats", files.path("out.json")}).status, 0);
  const nlohmann::json of_run = files.json("out.json").at("configuration");
  ASSERT_EQ(of_run.at("run.workloads").size(), 2u);
  EXPECT_EQ(of_run.at("run.workloads")[1], "fork");
  EXPECT_EQ(of_run.at("workload.touched"), 0.5);
  EXPECT_EQ(of_run.at("run.limit"), 2000);
  EXPECT_EQ(of_run.at("run.warmup"), 0);
}

TEST(compare, gives_the_same_bytes_for_the_same_input) {
  const workplace files;
  for (const char* const name : {"first.json", "second.json"})
    ASSERT_EQ(run_program({"compare", "--quiet", "--workload", "switch", "--set", "workload.length=30000", "--stats",
                           files.path(name)})
                  .status,
              0);
  EXPECT_EQ(files.read("first.json"), files.read("second.json"));
}

TEST(compare, reads_standard_input_once_for_all_machines) {
  const workplace files;
  const std::string trace = files.write("trace", lackey_trace(60000, 40));
  const outcome done = run_program({"compare", "--quiet", "--trace", "-", "--stats", files.path("out.json")}, trace);
  ASSERT_EQ(done.status, 0) << done.err;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(statistic(files.json("out.json"), i, "core.accesses"), 60000);
}

TEST(compare, reads_a_named_pipe_once_for_all_machines) {
  const workplace files;
  const std::string pipe = files.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&pipe] { std::ofstream(pipe) << lackey_trace(60000, 40); });
  const outcome done = run_program({"compare", "--quiet", "--trace", pipe, "--stats", files.path("out.json")});
  writer.join();
  ASSERT_EQ(done.status, 0) << done.err;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(statistic(files.json("out.json"), i, "core.accesses"), 60000);
}

TEST(compare, lets_a_machine_at_its_limit_leave_standard_input) {
  const workplace files;
  const std::string trace = files.write("trace", lackey_trace(200000, 40));
  const outcome done =
      run_program({"compare", "--quiet", "--trace", "-", "--limit", "5000", "--stats", files.path("out.json")}, trace);
  ASSERT_EQ(done.status, 0) << done.err;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(statistic(files.json("out.json"), i, "core.accesses"), 5000);
}

TEST(compare, says_once_what_the_machines_passed_over) {
  const workplace files;
  const outcome done =
      run_program({"compare", "--quiet", "--trace", "-"}, files.write("trace", "I  04001000,3\nhello\n"));
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(done.err, "nestwalk: note: standard input: 1 line of other text passed over (first: line 2: \"hello\")\n");
}

TEST(compare, takes_keys_of_each_machine) {
  const outcome done = run_program({"compare", "--quiet", "--workload", "gups", "--set", "workload.length=2000",
                                    "--set", "vmm.shadow.policy=out-of-sync", "--set", "vmm.nested_levels=5"});
  EXPECT_EQ(done.status, 0) << done.err;
}

TEST(compare, writes_a_walk_log_for_each_machine) {
  const workplace files;
  ASSERT_EQ(run_program({"compare", "--quiet", "--workload", "gups", "--set", "workload.length=500", "--walk-log",
                         files.path("walks.jsonl")})
                .status,
            0);
  for (const char* const mode : {"native", "shadow", "nested"})
    EXPECT_FALSE(files.read("walks." + std::string(mode) + ".jsonl").empty()) << mode;
}

}  // namespace
