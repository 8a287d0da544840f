// The command cosim as a user runs it; the RTL itself is held by tests/cosim.
#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

TEST(cosim_command, runs_seeds_and_writes_junit) {
  const workplace files;
  const outcome done = run_program({"cosim", "--seeds", "3", "--walks", "200", "--junit", files.path("cosim.xml")});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out.rfind("3 seeds: 3 passed, 0 failed\n600 walks in ", 0), 0u) << done.out;
  EXPECT_NE(files.read("cosim.xml").find("tests=\"3\" failures=\"0\""), std::string::npos);
}

TEST(cosim_command, gives_the_same_bytes_for_the_same_seeds) {
  const std::vector<std::string> command = {"cosim", "--seed", "11", "--seeds", "4", "--walks", "300"};
  EXPECT_EQ(run_program(command).out, run_program(command).out);
}

TEST(cosim_command, records_the_waveforms_of_a_seed) {
  const workplace files;
  const outcome done = run_program({"cosim", "--seed", "7", "--walks", "20", "--waves", files.path("walks.fst")});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_GT(files.read("walks.fst").size(), 1000u);
}

TEST(cosim_command, names_the_contexts_that_were_built) {
  const outcome done = run_program({"cosim", "--contexts", "3"});
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.err.find("--contexts 3: models were built with"), std::string::npos) << done.err;
}

TEST(cosim_command, names_a_file_that_cannot_be_written_before_any_seed_runs) {
  for (const char* const option : {"--junit", "--waves"}) {
    const outcome done = run_program({"cosim", "--walks", "100000000", option, "/no/such/folder/file"});
    EXPECT_EQ(done.status, 1);
    EXPECT_NE(done.err.find("/no/such/folder/file: cannot write this file"), std::string::npos) << done.err;
  }
}

TEST(cosim_command, refuses_numbers_that_make_no_run) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--seeds", "0"},
                                                {"--seeds", "-1"},
                                                {"--seeds", "many"},
                                                {"--walks", "0"},
                                                {"--walks", "-5"},
                                                {"--seed", "-1"},
                                                {"--contexts", "2", "--model", "contexts_2"}}) {
    std::vector<std::string> command = {"cosim"};
    command.insert(command.end(), wrong.begin(), wrong.end());
    const outcome done = run_program(command);
    EXPECT_EQ(done.status, 2) << wrong[0] << ' ' << wrong[1] << ": " << done.out;
    EXPECT_NE(done.err.find(wrong[0]), std::string::npos) << done.err;
  }
}

TEST(cosim_command, leaves_the_results_so_far_after_an_interruption) {
  const workplace files;
  program_run run({"cosim", "--seeds", "100000", "--walks", "200", "--junit", files.path("cosim.xml")});
  std::this_thread::sleep_for(std::chrono::seconds(2));
  kill(run.process(), SIGINT);
  const outcome done = run.finish();
  EXPECT_EQ(done.status, 130) << done.err;
  EXPECT_NE(done.out.find("seeds of 100000, ended before the others: "), std::string::npos) << done.out;
  EXPECT_NE(files.read("cosim.xml").find("</testsuite>"), std::string::npos);
}

}  // namespace
