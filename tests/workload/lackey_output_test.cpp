// Lackey's trace as people make it: the program's own output in between, superblocks, blanks, damage.
#include <fcntl.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/workload/byte_window.h"
#include "nestwalk/workload/open_trace.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

using namespace std::string_literals;

/// What a program may print, a line each; none is a record or a line of valgrind's.
const std::vector<std::string>& kinds_of_output() {
  static const std::vector<std::string> kinds = {
      "Hello, world",
      "caf\xc3\xa9, in UTF-8",
      "caf\xe9, in Latin-1",
      "",
      "   \t ",
      "\tindented",
      "with the end of line of DOS\r",
      "\x1b[31mred\x1b[0m and a\bbackspace",
      "10%\r20%\r100%",
      "NUL\0 and NUL\0"s,
      "\0\0\0\0\0\0\0\0"s,
      "\x7f"
      "ELF\x02\x01\x01\0\0\0\0"s,
      "\x01\x02\x80\xff",
      "PK\x03\x04",
      "{\"a\": 1, \"b\": [2, 3]}",
      "a,b,4",
      "3.14159",
      "0123456789abcdef",
      "00000000: 7f45 4c46 0201 0100  .ELF....",
      "0x400123: R 0x7ffd1234",
      "2 430d70",
      " L nonsense,8",
      "I  hello",
      "I   04001000,3",
      " S ",
      " S 04001000",
      " S 04001000,0",
      " L 04001000,513",
      " L 04001000,99999",
      " L 0400100g,8",
      " L 12345678123456781,8",
      " M 04001000,8x",
      " M 04001000,-8",
      "I  04001000,3 and more",
      " Q 04001000,8",
      "L  04001000,3",
      "  L 0400,3",
      " I 04001000,3",
      "SB hello",
      "SB 12345678123456781",
      "SB 04001000,4",
      "sb 04001000",
      "=1== not valgrind's",
      "==x== nor this",
      "--- a/file",
      "the sizes are S 10,20",
      "in L 04001000,8 of",
      std::string(100'000, 'x'),
      std::string(3 * byte_window::capacity, '.'),
      std::string(70'000, '\0'),
      " L " + std::string(byte_window::capacity + 1, '0'),
      std::string(byte_window::capacity - 3, ' '),
  };
  return kinds;
}

/// The lines of `records` with `texts` at random places in between.
std::string mix(const std::string& records, const std::vector<std::string>& texts, std::mt19937& random) {
  std::vector<std::size_t> ends = {0};
  for (std::size_t at = records.find('\n'); at != std::string::npos; at = records.find('\n', at + 1))
    ends.push_back(at + 1);
  std::vector<std::vector<std::string>> before(ends.size());
  for (const std::string& text : texts) before[random() % ends.size()].push_back(text);
  std::string mixed;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    for (const std::string& text : before[i]) mixed += text + "\n";
    if (i + 1 < ends.size()) mixed += records.substr(ends[i], ends[i + 1] - ends[i]);
  }
  return mixed;
}

std::vector<operation> operations_of(const std::string& trace) {
  const temporary_file file(trace);
  return all_of(*open_trace(file.path()));
}

TEST(lackey_output, of_every_kind_between_the_records_is_counted_and_no_record_is_lost) {
  ASSERT_GE(kinds_of_output().size(), 16u);
  std::mt19937 random(seed());
  for (unsigned round = 0; round < 3; ++round) {
    std::vector<std::string> texts;
    for (unsigned i = 0; i < 4; ++i) texts.insert(texts.end(), kinds_of_output().begin(), kinds_of_output().end());
    const std::string records = lackey_text(20'000);
    const temporary_file mixed("==1== Lackey, an example Valgrind tool\n" + mix(records, texts, random));
    const std::vector<operation> expected = operations_of(records);
    for (const std::size_t batch : {1u, 63u, 4096u}) {
      const auto from_file = open_trace(mixed.path());
      const std::vector<operation> got = all_of(*from_file, batch);
      EXPECT_EQ(got.size(), expected.size());
      EXPECT_TRUE(same(got, expected)) << batch;
      EXPECT_EQ(from_file->passed_over(), texts.size());
      const auto from_descriptor = open_trace_fd(::open(mixed.path().c_str(), O_RDONLY), "pipe");
      EXPECT_TRUE(same(all_of(*from_descriptor, batch), expected)) << batch;
      EXPECT_EQ(from_descriptor->passed_over(), texts.size());
    }
  }
}

TEST(lackey_output, of_each_kind_alone_is_passed_over_wherever_it_stands) {
  const std::string records = lackey_text(6);
  const std::vector<operation> expected = operations_of(records);
  const std::size_t middle = records.find('\n', records.size() / 2) + 1;
  for (const std::string& text : kinds_of_output())
    for (const std::size_t at : {std::size_t{0}, middle, records.size()}) {
      const std::string line = text + "\n";
      const temporary_file file(records.substr(0, at) + line + records.substr(at));
      trace_options options;
      options.pass_over_text = true;
      const auto trace = open_trace(file.path(), options);
      const reading got = read_until_error(*trace);
      EXPECT_EQ(got.message, "") << text.substr(0, 60) << " at " << at;
      EXPECT_TRUE(same(got.operations, expected)) << text.substr(0, 60) << " at " << at;
      EXPECT_EQ(trace->passed_over(), 1u) << text.substr(0, 60) << " at " << at;
    }
}

TEST(lackey_output, that_does_not_end_its_line_leaves_the_record_behind_it) {
  for (const std::string& text : {"hello"s, "NUL\0"s, "10%\r20%\r"s, std::string(100'000, 'x'),
                                  std::string(3 * byte_window::capacity, '\0'), "a b,c "s, " L nonsense,"s}) {
    const reading got = [&] {
      const temporary_file file("I  04001000,3\n" + text + " L 1ffeff0000,8\n" + text + "I  04001003,3\r\n" + text +
                                " S 1ffeff0000,100 \n");
      trace_options options;
      options.pass_over_text = true;
      return read_until_error(*open_trace(file.path(), options));
    }();
    EXPECT_EQ(got.message, "");
    ASSERT_EQ(got.operations.size(), 5u) << text.substr(0, 20);  // the last is one of two lines
    EXPECT_EQ(got.operations[1].address.value, 0x1ffeff0000u);
    EXPECT_EQ(got.operations[2].kind, operation_kind::fetch);
    EXPECT_EQ(got.operations[4].size, 36u);
  }
}

TEST(lackey_output, at_the_end_of_the_trace_need_not_end_its_line) {
  for (const std::string& text : {"bye"s, "\0"s, std::string(100'000, 'x'), " L nonsense"s}) {
    const temporary_file file("I  04001000,3\nI  04001003,3\n" + text);
    trace_options options;
    options.pass_over_text = true;
    const auto trace = open_trace(file.path(), options);
    EXPECT_EQ(all_of(*trace).size(), 2u);
    EXPECT_EQ(trace->passed_over(), 1u);
  }
}

TEST(lackey_output, of_trace_superblocks_is_counted_and_no_damage) {
  const temporary_file file("SB 0401ab70\nI  0401ab70,3\n S 1fff0006f8,8\nSB 0401b770  \nI  0401b770,1\n");
  const auto trace = open_trace(file.path());
  EXPECT_EQ(all_of(*trace).size(), 3u);
  EXPECT_EQ(trace->passed_over(), 2u);
  EXPECT_EQ(trace->first_passed_over(), "line 1: \"SB 0401ab70\"");
}

TEST(lackey_output, with_blanks_behind_its_records_is_read_as_without) {
  for (const std::string& blanks : {" "s, "\t"s, "\r"s, "  \t \r"s, std::string(1000, ' ')}) {
    const temporary_file file("I  04001000,3" + blanks + "\n L 1ffeff0000,8" + blanks + "\n");
    const auto trace = open_trace(file.path());
    EXPECT_TRUE(same(all_of(*trace), operations_of("I  04001000,3\n L 1ffeff0000,8\n")));
    EXPECT_EQ(trace->passed_over(), 0u);
  }
}

TEST(lackey_output, in_a_file_needs_no_more_than_a_word_between_valgrinds_lines) {
  const temporary_file file("==1== Lackey\nI  04001000,3\nI  04001003,3\nhello\nI  04001006,3\n==1== Exit code: 0\n");
  const auto trace = open_trace(file.path());
  EXPECT_EQ(all_of(*trace).size(), 3u);
  EXPECT_EQ(trace->passed_over(), 1u);
}

TEST(lackey_output, in_a_file_between_valgrinds_lines_may_be_more_than_the_records) {
  const temporary_file file("==1== Lackey\nI  04001000,3 \nSB 04001000\nhello\n\0\0\n L nonsense,8\nI  04001003,3\n"s);
  const auto trace = open_trace(file.path());
  EXPECT_EQ(all_of(*trace).size(), 2u);
  EXPECT_EQ(trace->passed_over(), 4u);
}

TEST(lackey_output, in_a_file_without_valgrinds_lines_is_known_by_several_of_its_own) {
  const temporary_file file(lackey_text(100) + "hello\nworld\n L nonsense,8\n" + lackey_text(100));
  const auto trace = open_trace(file.path());
  EXPECT_EQ(all_of(*trace).size(), 200u);
  EXPECT_EQ(trace->passed_over(), 3u);
}

/// Each is a file in which no line shows that a program wrote it.
TEST(lackey_output, that_may_be_damage_ends_a_file_with_an_error_of_its_first_line) {
  const std::string valgrinds = "==1== Lackey\n";
  for (const std::string& bad : {" L 0400100g,8\n"s, "hello\n"s, "\0\0\0\0\n"s, "I  0400 L 1ffeff0000\n"s,
                                 "L 04001000,8\nS 04001000,8\nM 04001000,8\n"s}) {
    const temporary_file file(lackey_text(500) + bad + lackey_text(100));
    const reading got = read_until_error(*open_trace(file.path()));
    EXPECT_EQ(got.operations.size(), 600u) << bad;
    EXPECT_TRUE(has(got.message, file.path() + ": line 501: \"")) << got.message;
    EXPECT_TRUE(has(got.message, "no record of a lackey trace") && has(got.message, "is damaged")) << got.message;
  }
  const temporary_file logged(valgrinds + lackey_text(500) + " L 0400100g,8\n" + lackey_text(100) + valgrinds);
  EXPECT_TRUE(has(read_until_error(*open_trace(logged.path())).message, ": line 502: \" L 0400100g,8\" is no record"));
}

TEST(lackey_output, that_is_every_second_line_of_a_file_is_damage) {
  std::string alternating;
  for (unsigned i = 0; i < 500; ++i) alternating += "I  04001000,3\ngarbled\n";
  const temporary_file file(alternating);
  const reading got = read_until_error(*open_trace(file.path()));
  EXPECT_EQ(got.operations.size(), 500u);
  EXPECT_TRUE(has(got.message, ": line 2: \"garbled\" is no record") && has(got.message, "500 lines are none"))
      << got.message;
}

TEST(lackey_output, without_any_record_is_no_trace) {
  for (const bool pass_over : {false, true}) {
    const temporary_file file("once upon a time\nthere was\n");
    trace_options options;
    options.pass_over_text = pass_over;
    const std::string message = message_of([&] { all_of(*open_trace(file.path(), options)); });
    EXPECT_TRUE(has(message, ": line 1: \"once upon a time\" is no record of a lackey trace")) << message;
  }
}

TEST(lackey_output, before_the_first_record_may_be_no_text) {
  const temporary_file file("\x01\x02\0\0\nI  04001000,3\n"s);
  const auto trace = open_trace_fd(::open(file.path().c_str(), O_RDONLY), "pipe");
  EXPECT_EQ(all_of(*trace).size(), 1u);
  EXPECT_EQ(trace->passed_over(), 1u);
}

}  // namespace
}  // namespace nestwalk::workload::test
