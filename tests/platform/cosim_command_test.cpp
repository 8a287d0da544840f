// The command cosim as a user runs it; the RTL itself is held by tests/cosim.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
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

const std::vector<std::string> with_waves = {"cosim", "--seed", "7", "--walks", "20", "--waves"};

outcome run_with_waves(const std::string& file) {
  std::vector<std::string> words = with_waves;
  words.push_back(file);
  return run_program(words);
}

TEST(cosim_command, records_waveforms_behind_links_and_keeps_the_mode) {
  const workplace files;
  chmod(files.write("walks.fst", "old").c_str(), 0640);
  std::filesystem::create_symlink("walks.fst", files.path("link"));
  EXPECT_EQ(run_with_waves(files.path("link")).status, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(files.path("link")));
  EXPECT_GT(files.read("walks.fst").size(), 1000u);
  EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(files.path("walks.fst")).permissions()), 0640u);
}

TEST(cosim_command, refuses_waveforms_to_what_is_no_file_and_leaves_it) {
  const workplace files;
  const std::string pipe = files.path("pipe");
  mkfifo(pipe.c_str(), 0600);
  std::filesystem::create_symlink("/dev/null", files.path("null"));
  for (const std::string& name : {pipe, files.path("null"), std::string("/dev/null"), std::string("/dev/stdout")}) {
    const outcome done = run_with_waves(name);
    EXPECT_EQ(done.status, 1);
    EXPECT_NE(done.err.find(name + ": cannot write this file: it is a de"), std::string::npos) << done.err;
  }
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  EXPECT_TRUE(std::filesystem::is_symlink(files.path("null")));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(cosim_command, keeps_old_waveforms_and_the_result_when_the_disk_is_full) {
  const workplace files;
  files.write("walks.fst", "old");
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit now = {65536, before.rlim_max};  // bytes, of 100,000
  setrlimit(RLIMIT_FSIZE, &now);
  const outcome done = run_with_waves(files.path("walks.fst"));
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.err.find("writing the waveforms failed"), std::string::npos) << done.err;
  EXPECT_EQ(done.out.rfind("1 seed: 1 passed, 0 failed\n", 0), 0u) << done.out;
  EXPECT_EQ(files.read("walks.fst"), "old");
}

TEST(cosim_command, refuses_one_file_for_waveforms_and_report) {
  const workplace files;
  files.write("file", "old");
  std::filesystem::create_hard_link(files.path("file"), files.path("hard"));
  const outcome done = run_program({"cosim", "--waves", files.path("file"), "--junit", files.path("hard")});
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.err.find("--waves and --junit would both write this file"), std::string::npos) << done.err;
  EXPECT_EQ(files.read("file"), "old");
}

TEST(cosim_command, streams_the_report_to_standard_output) {
  const outcome done = run_program({"cosim", "--seeds", "1", "--walks", "20", "--junit", "/dev/stdout"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("</testsuite>"), std::string::npos) << done.out;
  EXPECT_EQ(run_program({"cosim", "--seeds", "1", "--walks", "20", "--junit", "/dev/full"}).status, 1);
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
