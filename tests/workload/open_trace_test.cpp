// Opening traces: compressions, descriptors, progress, and files that are no trace.
#include "nestwalk/workload/open_trace.h"

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

std::string error_of(const std::string& path) {
  return message_of([&] { open_trace(path); });
}

class open_trace_unpacks : public testing::TestWithParam<packing> {};

TEST_P(open_trace_unpacks, by_content_and_not_by_name) {
  const std::string text = lackey_text(40'000);
  const temporary_file plain(text);
  const temporary_file file(packed(text, GetParam()), "trace.bin");
  EXPECT_TRUE(same(all_of(*open_trace(file.path())), all_of(*open_trace(plain.path()))));
}

TEST_P(open_trace_unpacks, all_before_the_place_where_an_archive_is_cut_off) {
  const std::string whole = packed(lackey_text(60'000), GetParam());
  const temporary_file file(whole.substr(0, whole.size() - 20));
  const reading got = read_until_error(*open_trace(file.path()));
  EXPECT_GT(got.operations.size(), 20'000u);
  EXPECT_TRUE(has(got.message, file.path() + ": ") && has(got.message, "archive is corrupt, cut off or empty"))
      << got.message;
}

TEST_P(open_trace_unpacks, nothing_of_an_archive_that_is_damaged_from_its_start) {
  std::string damaged = packed(lackey_text(60'000), GetParam());
  for (std::size_t i = 20; i < 200; ++i) damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
  const temporary_file file(damaged);
  const std::string message = message_of([&] { all_of(*open_trace(file.path())); });
  EXPECT_TRUE(has(message, file.path() + ": ")) << message;
  EXPECT_TRUE(has(message, "archive is corrupt, cut off or empty")) << message;
}

TEST_P(open_trace_unpacks, an_archive_with_nothing_in_it_to_an_error) {
  const temporary_file file(packed("", GetParam()));
  const std::string message = message_of([&] { all_of(*open_trace(file.path())); });
  EXPECT_TRUE(has(message, "empty")) << message;
}

std::string name_of(const testing::TestParamInfo<packing>& info) {
  constexpr const char* names[] = {"gz", "bz2", "xz", "zst"};
  return names[static_cast<int>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(each, open_trace_unpacks,
                         testing::Values(packing::gz, packing::bz2, packing::xz, packing::zst), name_of);

TEST(open_trace, says_when_the_file_is_missing) {
  const std::string message = error_of("/nowhere/at.all");
  EXPECT_TRUE(has(message, "/nowhere/at.all: cannot be opened: No such file or directory")) << message;
}

TEST(open_trace, says_when_the_file_is_empty) {
  const temporary_file file("");
  EXPECT_TRUE(has(error_of(file.path()), file.path() + ": is empty; a valgrind lackey or ChampSim trace is expected"));
}

TEST(open_trace, says_when_it_is_a_folder) {
  const std::string message = error_of("/tmp");
  EXPECT_TRUE(has(message, "/tmp: cannot be read: Is a directory")) << message;
}

TEST(open_trace, says_when_the_content_is_neither_format) {
  const temporary_file file(
      "\x7f"
      "ELV\x02\x01\x01\x02\x03\x04\x05\x06\x07 and so on");
  const std::string message = error_of(file.path());
  EXPECT_TRUE(has(message, "begins with \"\\x7fELV")) << message;
  EXPECT_TRUE(has(message, "a valgrind lackey trace") && has(message, "ChampSim trace")) << message;
}

TEST(open_trace, names_the_first_line_of_a_text_that_is_no_trace) {
  const temporary_file file("once upon a time\nthere was\n");
  const std::string message = message_of([&] { all_of(*open_trace(file.path())); });
  EXPECT_TRUE(has(message, ": line 1: \"once upon a time\" is no record of a lackey trace")) << message;
}

TEST(open_trace, knows_the_progress_of_a_file) {
  const temporary_file file(lackey_text(60'000));
  const std::unique_ptr<source> trace = open_trace(file.path());
  std::vector<operation> some(10'000);
  double last = 0;
  while (trace->next(some.data(), some.size()) != 0) {
    EXPECT_GE(trace->progress(), last);
    EXPECT_LE(trace->progress(), 1);
    last = trace->progress();
  }
  EXPECT_EQ(last, 1);
}

TEST(open_trace, does_not_end_where_the_decompressed_bytes_grow_past_the_window) {
  const temporary_file file(packed(lackey_text(400'000), packing::zst));
  EXPECT_EQ(all_of(*open_trace(file.path())).size(), 400'000u);
}

/// A pipe into which another thread writes `content`, `step` bytes at a time.
class fed_pipe {
 public:
  fed_pipe(std::string content, std::size_t step) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    read_end_ = ends[0];
    writer_ = std::thread([content = std::move(content), step, to = ends[1]] {
      for (std::size_t at = 0; at < content.size();) {
        const ssize_t wrote = ::write(to, content.data() + at, std::min(step, content.size() - at));
        if (wrote <= 0) break;
        at += static_cast<std::size_t>(wrote);
      }
      ::close(to);
    });
  }
  ~fed_pipe() { writer_.join(); }
  int read_end() const { return read_end_; }

 private:
  int read_end_;
  std::thread writer_;
};

TEST(open_trace_fd, reads_a_pipe_however_its_bytes_arrive) {
  const std::string text = lackey_text(20'000);
  const temporary_file plain(text);
  const std::vector<operation> expected = all_of(*open_trace(plain.path()));
  for (const std::size_t step : {7u, 1000u, 1u << 20}) {
    const fed_pipe pipe(packed(text, packing::gz), step);
    const std::unique_ptr<source> trace = open_trace_fd(pipe.read_end(), "the pipe");
    EXPECT_LT(trace->progress(), 0);
    EXPECT_TRUE(same(all_of(*trace), expected)) << step;
  }
}

TEST(open_trace_fd, names_the_descriptor_as_it_is_told) {
  const fed_pipe pipe("I  04016b80,3\n L 0400", 100);
  const reading got = read_until_error(*open_trace_fd(pipe.read_end(), "the pipe"));
  EXPECT_EQ(got.operations.size(), 1u);
  EXPECT_TRUE(has(got.message, "the pipe: line 2: ")) << got.message;
}

TEST(open_trace_fd, passes_over_text_unless_told_otherwise) {
  const std::string text = "I  04016b80,3\nhello\nI  04016b83,3\n";
  const fed_pipe first(text, 100);
  EXPECT_EQ(read_until_error(*open_trace_fd(first.read_end(), "the pipe")).operations.size(), 2u);
  const fed_pipe second(text, 100);
  trace_options options;
  options.pass_over_text = false;
  EXPECT_TRUE(has(read_until_error(*open_trace_fd(second.read_end(), "the pipe", options)).message, "line 2: "));
}

TEST(open_trace_fd, closes_the_descriptor) {
  const temporary_file file(lackey_text(10));
  const int descriptor = ::open(file.path().c_str(), O_RDONLY);
  open_trace_fd(descriptor, "the file").reset();
  EXPECT_EQ(::fcntl(descriptor, F_GETFD), -1);
  const int refused = ::open("/dev/null", O_RDONLY);
  EXPECT_NE(message_of([&] { open_trace_fd(refused, "nothing"); }), "");
  EXPECT_EQ(::fcntl(refused, F_GETFD), -1);
}

TEST(open_trace, takes_a_minus_for_standard_input) {
  const temporary_file file(packed(lackey_text(100), packing::xz));
  const int kept = ::dup(STDIN_FILENO);
  const int descriptor = ::open(file.path().c_str(), O_RDONLY);
  ::dup2(descriptor, STDIN_FILENO);
  const std::size_t count = all_of(*open_trace("-")).size();
  ::dup2(kept, STDIN_FILENO);
  ::close(kept);
  ::close(descriptor);
  EXPECT_EQ(count, 100u);
}

TEST(open_trace, ends_where_it_is_stopped) {
  std::atomic<bool> stop{false};
  trace_options options;
  options.stop = &stop;
  const temporary_file file(lackey_text(200'000));
  const std::unique_ptr<source> trace = open_trace(file.path(), options);
  operation some[16];
  ASSERT_EQ(trace->next(some, 16), 16u);
  stop = true;
  const reading rest = read_until_error(*trace);
  EXPECT_EQ(rest.message, "");
  EXPECT_LT(rest.operations.size(), 100'000u);
}

/// A few kilobytes that unpack to 16 GB of empty lines.
std::string bomb() {
  const std::string lines = packed(std::string(8 << 20, '\n'), packing::gz);
  std::string members;
  for (unsigned i = 0; i < 2000; ++i) members += lines;
  return packed(members, packing::gz);
}

TEST(open_trace, ends_within_a_second_of_a_stop_however_much_few_bytes_make) {
  const temporary_file file(bomb());
  ASSERT_LT(std::filesystem::file_size(file.path()), 65536u);  // one read of the file
  std::atomic<bool> stop{false};
  trace_options options;
  options.stop = &stop;
  const std::unique_ptr<source> trace = open_trace(file.path(), options);
  std::thread user([&stop] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop = true;
  });
  const auto before = std::chrono::steady_clock::now();
  const reading got = read_until_error(*trace);
  user.join();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(1100));
  EXPECT_EQ(got.message, "");
  EXPECT_TRUE(got.operations.empty());
}

TEST(open_trace, of_a_named_pipe_waits_for_its_writer_until_it_is_stopped) {
  const temporary_file place("");
  const std::string pipe = place.path() + ".pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::atomic<bool> stop{false};
  trace_options options;
  options.stop = &stop;
  std::thread user([&stop] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop = true;
  });
  const auto before = std::chrono::steady_clock::now();
  const reading got = read_until_error(*open_trace(pipe, options));
  user.join();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(1100));
  EXPECT_EQ(got.message, "");
}

TEST(open_trace, of_a_named_pipe_takes_its_text_for_a_programs) {
  const temporary_file place("");
  const std::string pipe = place.path() + ".pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&pipe] { std::ofstream(pipe) << "I  04016b80,3\nhello\nI  04016b83,3\n"; });
  const std::unique_ptr<source> trace = open_trace(pipe);
  EXPECT_EQ(all_of(*trace).size(), 2u);
  EXPECT_EQ(trace->passed_over(), 1u);
  writer.join();
}

TEST(open_trace_fd, takes_the_end_of_a_pipe_for_a_stop_where_one_is_asked_for) {
  std::atomic<bool> stop{false};
  trace_options options;
  options.stop = &stop;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string cut_off = "I  04016b80,3\n L 0400";
  ASSERT_EQ(::write(ends[1], cut_off.data(), cut_off.size()), static_cast<ssize_t>(cut_off.size()));
  std::thread writer([&stop, into = ends[1]] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the reader waits by then
    stop = true;
    ::close(into);
  });
  const reading got = read_until_error(*open_trace_fd(ends[0], "the pipe", options));
  writer.join();
  EXPECT_EQ(got.operations.size(), 1u);
  EXPECT_EQ(got.message, "");
}

}  // namespace
}  // namespace nestwalk::workload::test
