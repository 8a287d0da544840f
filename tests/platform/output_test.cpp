// Outputs: what is the user's stays the user's.
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

using words = std::vector<std::string>;

words operator+(words some, const words& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

const words small = {"--workload", "gups", "--set", "workload.length=2000"};
const words endless = {"--workload", "gups", "--set", "workload.length=100000000000"};

void expect_refusal(const words& command, const words& said, const std::string& input = "",
                    const std::string& output = "") {
  const outcome done = program_run(command, input, output).finish();
  EXPECT_EQ(done.status, 1) << done.err;
  for (const std::string& each : said) EXPECT_NE(done.err.find(each), std::string::npos) << each << " in " << done.err;
}

// The names of one file: its own, one through its folder, a symbolic link and a hard link.
words names_of(const workplace& files, const std::string& name) {
  fs::create_symlink(name, files.path("soft"));
  fs::create_hard_link(files.path(name), files.path("hard"));
  return {files.path(name), files.path("./" + name), files.path("soft"), files.path("hard")};
}

std::size_t files_in(const workplace& files) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(files.path("")), fs::directory_iterator()));
}

// Of what the processes that this one starts write to a file.
class limit_of_files {
 public:
  explicit limit_of_files(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~limit_of_files() { setrlimit(RLIMIT_FSIZE, &before_); }
  limit_of_files(const limit_of_files&) = delete;
  limit_of_files& operator=(const limit_of_files&) = delete;

 private:
  rlimit before_ = {};
};

TEST(output, is_refused_where_it_would_replace_the_trace) {
  const workplace files;
  const std::string content = lackey_trace(100, 4);
  const std::string trace = files.write("trace", content);
  for (const std::string& name : names_of(files, "trace"))
    for (const char* const option : {"--stats", "--walk-log"})
      expect_refusal({"run", "--trace", trace, option, name},
                     {name, std::string(option) + " would replace this file, which --trace reads"});
  expect_refusal({"compare", "--trace", trace, "--stats", files.path("hard")}, {"--trace reads"});
  expect_refusal({"run", "--trace", "-", "--stats", files.path("soft")}, {"--trace reads"}, trace);
  EXPECT_EQ(files.read("trace"), content);
}

TEST(output, of_each_machine_is_refused_where_it_would_replace_the_trace) {
  const workplace files;
  const std::string content = lackey_trace(100, 4);
  const std::string trace = files.write("t.shadow.txt", content);
  expect_refusal({"compare", "--trace", trace, "--walk-log", files.path("t.txt")}, {"--walk-log", "--trace reads"});
  EXPECT_EQ(files.read("t.shadow.txt"), content);
}

TEST(output, is_refused_where_it_would_replace_the_configuration) {
  const workplace files;
  const std::string machine = files.write("machine.toml", "core.cycle = 1\n");
  for (const std::string& name : names_of(files, "machine.toml"))
    for (const char* const command : {"run", "compare"})
      expect_refusal(words{command, machine, "--stats", name} + small, {name, "which CONFIG reads"});
  EXPECT_EQ(files.read("machine.toml"), "core.cycle = 1\n");
}

TEST(output, is_refused_where_another_would_replace_it) {
  const workplace files;
  const std::string log = files.write("log", "old");
  for (const std::string& name : names_of(files, "log"))
    expect_refusal(words{"run", "--stats", name, "--walk-log", log} + small,
                   {"--stats and --walk-log would both write"});
  fs::create_symlink("new", files.path("to_new"));
  expect_refusal(words{"run", "--stats", files.path("to_new"), "--walk-log", files.path("new")} + small,
                 {"--stats and --walk-log would both write"});
  EXPECT_EQ(files.read("log"), "old");
}

TEST(output, is_refused_where_standard_output_goes) {
  const workplace files;
  const std::string table = files.write("table", "");
  expect_refusal(words{"run", "--stats", table} + small, {"which standard output goes to"}, "", table);
}

TEST(output, keeps_the_old_file_when_the_program_is_stopped) {
  const workplace files;
  for (const char* const command : {"run", "compare"}) {
    files.write("stats", "old");
    files.write("log.nested", "old");
    files.write("log", "old");
    program_run run(words{command, "--stats", files.path("stats"), "--walk-log", files.path("log")} + endless);
    std::this_thread::sleep_for(700ms);
    kill(run.process(), SIGKILL);
    run.finish();
    for (const char* const name : {"stats", "log", "log.nested"}) EXPECT_EQ(files.read(name), "old") << name;
  }
}

TEST(output, keeps_the_old_file_and_the_table_when_the_disk_is_full) {
  const workplace files;
  for (const char* const command : {"run", "compare"}) {
    const std::string stats = files.write("stats", "old");
    const limit_of_files full(4096);
    const outcome done = run_program(words{command, "--stats", stats} + small);
    EXPECT_EQ(done.status, 1);
    EXPECT_NE(done.err.find(stats + ": writing this file failed: File too large"), std::string::npos) << done.err;
    EXPECT_NE(done.out.find("cycles per access"), std::string::npos) << done.out;
    EXPECT_EQ(files.read("stats"), "old");
    EXPECT_EQ(files_in(files), 1u);
  }
}

TEST(output, of_walks_that_cannot_be_written_ends_the_run_with_its_statistics) {
  const workplace files;
  for (const char* const command : {"run", "compare"}) {
    const limit_of_files full(500'000);
    const outcome done =
        run_program(words{command, "--walk-log", files.path("log"), "--stats", files.path("stats")} + endless);
    EXPECT_EQ(done.status, 1);
    EXPECT_NE(done.err.find("writing this file failed: File too large"), std::string::npos) << done.err;
    EXPECT_EQ(files.json("stats").at("partial"), true);
    EXPECT_EQ(files_in(files), 1u);
  }
}

TEST(output, follows_links_and_keeps_the_mode) {
  const workplace files;
  const std::string stats = files.write("stats", "old");
  chmod(stats.c_str(), 0640);
  fs::create_symlink("stats", files.path("one"));
  fs::create_symlink(files.path("one"), files.path("two"));
  ASSERT_EQ(run_program(words{"run", "--stats", files.path("two")} + small).status, 0);
  EXPECT_TRUE(fs::is_symlink(files.path("one")));
  EXPECT_TRUE(fs::is_symlink(files.path("two")));
  EXPECT_EQ(files.json("stats").at("partial"), false);
  EXPECT_EQ(static_cast<unsigned>(fs::status(stats).permissions()), 0640u);
}

TEST(output, is_made_where_a_link_leads_with_the_mode_of_new_files) {
  const workplace files;
  fs::create_symlink("stats", files.path("link"));
  umask(027);
  ASSERT_EQ(run_program(words{"run", "--stats", files.path("link")} + small).status, 0);
  EXPECT_TRUE(fs::is_symlink(files.path("link")));
  EXPECT_EQ(static_cast<unsigned>(fs::status(files.path("stats")).permissions()), 0640u);
}

TEST(output, that_others_may_not_write_is_left) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everything";
  const workplace files;
  const std::string stats = files.write("stats", "old");
  chmod(stats.c_str(), 0440);
  expect_refusal(words{"run", "--stats", stats} + small, {"cannot write this file: Permission denied"});
  EXPECT_EQ(files.read("stats"), "old");
}

TEST(output, to_a_device_leaves_the_device) {
  const workplace files;
  fs::create_symlink("/dev/null", files.path("null"));
  EXPECT_EQ(run_program(words{"run", "--stats", files.path("null"), "--walk-log", "/dev/null"} + small).status, 0);
  EXPECT_TRUE(fs::is_symlink(files.path("null")));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  expect_refusal(words{"run", "--stats", "/dev/full"} + small,
                 {"/dev/full: writing this file failed: No space left on device"});
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(output, to_a_fifo_is_read_from_it) {
  const workplace files;
  const std::string pipe = files.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::future<std::string> read = std::async(std::launch::async, [&] { return files.read("pipe"); });
  EXPECT_EQ(run_program(words{"run", "--stats", pipe} + small).status, 0);
  EXPECT_EQ(nlohmann::json::parse(read.get()).at("partial"), false);
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(output, to_a_reader_that_goes_away_is_an_error_and_keeps_the_statistics) {
  const workplace files;
  const std::string pipe = files.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::future<void> reads_a_little = std::async(std::launch::async, [&] { std::ifstream(pipe).get(); });
  const outcome done = run_program(words{"run", "--walk-log", pipe, "--stats", files.path("stats")} + endless);
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.err.find(pipe + ": writing this file failed: Broken pipe"), std::string::npos) << done.err;
  EXPECT_EQ(files.json("stats").at("partial"), true);
}

TEST(output, to_standard_output_stands_beside_what_is_printed) {
  const workplace files;
  const std::string table = files.write("all", "");
  const outcome done = program_run(words{"run", "--stats", "/dev/stdout"} + small, "", table).finish();
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(files.read("all").rfind("{\n  \"nestwalk\"", 0), 0u);
  EXPECT_NE(files.read("all").find("cycles per access"), std::string::npos);
  expect_refusal(words{"run", "--stats", "/dev/stdin"} + small, {"/dev/stdin: cannot be written"});
}

// As in `nestwalk run | head -0`.
TEST(output, that_nobody_reads_any_more_ends_the_program_as_it_does_others) {
  const workplace files;
  const std::string pipe = files.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reading = open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  program_run run({"run", "--stats", files.path("stats"), "--workload", "gups", "--set", "workload.length=1000000"}, "",
                  pipe);
  std::this_thread::sleep_for(400ms);
  close(reading);
  const outcome done = run.finish();
  EXPECT_EQ(done.status, 128 + SIGPIPE);
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(files.json("stats").at("partial"), false);
}

TEST(output, of_each_machine_is_none_beside_a_device) {
  for (const char* const path : {"/dev/null", "/dev/stdout"}) {
    expect_refusal(words{"compare", "--walk-log", path} + small, {path, "each machine writes a file of its own"});
    EXPECT_FALSE(fs::exists(std::string(path) + ".native"));
  }
}

TEST(output, that_is_a_folder_is_refused) {
  const workplace files;
  expect_refusal(words{"run", "--stats", files.path("")} + small, {"cannot write this file"});
}

}  // namespace
