// Reading valgrind lackey's text.
#include "nestwalk/workload/lackey_reader.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/workload/open_trace.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

reading read(const std::string& text, bool pass_over_text = false) {
  const temporary_file file(text);
  trace_options options;
  options.pass_over_text = pass_over_text;
  return read_until_error(*open_trace(file.path(), options));
}

void expect_access(const operation& got, operation_kind kind, std::uint64_t address, unsigned size) {
  EXPECT_EQ(got.kind, kind);
  EXPECT_EQ(got.address.value, address);
  EXPECT_EQ(got.size, size);
}

TEST(lackey_reader, reads_the_four_kinds_of_access) {
  const reading got = read("I  04016b80,3\n L 1ffeffe7e8,8\n S 1ffeffe7e0,4\n M 04a5c0de,16\n");
  EXPECT_EQ(got.message, "");
  ASSERT_EQ(got.operations.size(), 4u);
  expect_access(got.operations[0], operation_kind::fetch, 0x04016b80, 3);
  expect_access(got.operations[1], operation_kind::load, 0x1ffeffe7e8, 8);
  expect_access(got.operations[2], operation_kind::store, 0x1ffeffe7e0, 4);
  expect_access(got.operations[3], operation_kind::modify, 0x04a5c0de, 16);
}

TEST(lackey_reader, reads_addresses_of_every_number_of_digits) {
  for (unsigned digits = 1; digits <= 16; ++digits) {
    const std::string address = std::string("fedcba9876543210").substr(0, digits);
    const reading got = read(" L " + address + ",8\n S " + address + ",32\n");
    EXPECT_EQ(got.message, "") << address;
    ASSERT_EQ(got.operations.size(), 2u) << address;
    expect_access(got.operations[0], operation_kind::load, std::stoull(address, nullptr, 16), 8);
    expect_access(got.operations[1], operation_kind::store, std::stoull(address, nullptr, 16), 32);
  }
}

TEST(lackey_reader, takes_upper_case_digits_and_carriage_returns) {
  const reading got = read("I  0401AB7F,3\r\n L 1FFEFFE7E8,8\r\n");
  EXPECT_EQ(got.message, "");
  ASSERT_EQ(got.operations.size(), 2u);
  expect_access(got.operations[0], operation_kind::fetch, 0x401ab7f, 3);
  expect_access(got.operations[1], operation_kind::load, 0x1ffeffe7e8, 8);
}

TEST(lackey_reader, leaves_non_canonical_addresses_to_the_guest) {
  const reading got = read(" L 8000000000000000,8\n");
  EXPECT_EQ(got.message, "");
  ASSERT_EQ(got.operations.size(), 1u);
  expect_access(got.operations[0], operation_kind::load, 0x8000000000000000, 8);
}

TEST(lackey_reader, passes_over_what_valgrind_says_itself) {
  const reading got = read(
      "==12== Lackey, an example Valgrind tool\n==12== \n\n--12-- WARNING: unhandled syscall: 4242\n"
      "I  04016b80,3\n**12** a message of the program\n==12== Exit code:       0\n");
  EXPECT_EQ(got.message, "");
  EXPECT_EQ(got.operations.size(), 1u);
}

TEST(lackey_reader, cuts_an_access_of_more_than_64_bytes_at_multiples_of_64) {
  const reading got = read(" S 00001010,160\n L 00001000,64\n");
  EXPECT_EQ(got.message, "");
  ASSERT_EQ(got.operations.size(), 4u);
  expect_access(got.operations[0], operation_kind::store, 0x1010, 0x30);
  expect_access(got.operations[1], operation_kind::store, 0x1040, 0x40);
  expect_access(got.operations[2], operation_kind::store, 0x1080, 0x30);
  expect_access(got.operations[3], operation_kind::load, 0x1000, 64);
}

TEST(lackey_reader, gives_the_same_whatever_the_size_of_a_batch) {
  const temporary_file file("==1== x\n" + lackey_text(1000) + " S 00001010,512\n" + lackey_text(50));
  const std::vector<operation> expected = all_of(*open_trace(file.path()), 100000);
  ASSERT_EQ(expected.size(), 1000u + 9 + 50);
  for (const std::size_t batch : {1u, 2u, 3u, 7u, 1024u})
    EXPECT_TRUE(same(all_of(*open_trace(file.path()), batch), expected)) << "batch of " << batch;
}

TEST(lackey_reader, joins_lines_that_the_buffer_cuts) {
  constexpr unsigned lines = 60'000;  // over 800 KiB: several windows, each cut at another place of a line
  const std::string text = lackey_text(lines);
  ASSERT_GT(text.size(), 3 * byte_window::capacity);
  for (const char* shift : {"", "\n", "\n\n\n\n\n\n\n"}) {
    const temporary_file file(shift + text);
    const std::vector<operation> got = all_of(*open_trace(file.path()));
    ASSERT_EQ(got.size(), lines);
    for (unsigned i = 0; i < lines; ++i)
      ASSERT_EQ(got[i].address.value, (i % 3 == 0 ? 0x1ffe000000ull : 0x4000000ull) + i * 7919ull) << i;
  }
}

TEST(lackey_reader, returns_all_and_then_names_the_first_bad_line_each_time) {
  const temporary_file file("==1== x\n" + lackey_text(500) + " Q 04001000,8\n" + lackey_text(5));
  const std::unique_ptr<source> trace = open_trace(file.path());
  const reading got = read_until_error(*trace, 64);
  EXPECT_EQ(got.operations.size(), 505u);
  EXPECT_TRUE(has(got.message, file.path() + ": line 502: \" Q 04001000,8\" is no record of a lackey trace"))
      << got.message;
  EXPECT_TRUE(has(got.message, "' L ADDRESS,SIZE'")) << got.message;
  EXPECT_EQ(read_until_error(*trace).message, got.message);
}

class lackey_reader_names : public testing::TestWithParam<const char*> {};

TEST_P(lackey_reader_names, a_line_that_is_no_record) {
  const reading got = read("I  04016b80,3\n" + std::string(GetParam()) + "\nI  04016b83,3\n");
  EXPECT_EQ(got.operations.size(), 2u);
  EXPECT_TRUE(has(got.message, ": line 2: ") && has(got.message, "is no record of a lackey trace")) << got.message;
}

INSTANTIATE_TEST_SUITE_P(lines, lackey_reader_names,
                         testing::Values(" L 04001000,0", " L 04001000,00", " L 04001000,513", " L 04001000,99999",
                                         " L 04001000,", " L 04001000,8x", " L 04001000,-8", " L 04001000 8",
                                         " L 0400100g,8", " L 04001000p,8", " L ,8", " L 12345678123456781,8",
                                         "I   04001000,3", "L  04001000,3", "  L 0400,3", " I 04001000,3", "=1== x",
                                         "hello", "\x01\x02\x80"));

TEST(lackey_reader, says_when_the_last_line_is_cut_off) {
  for (const char* rest : {"I", "I  04", " ", " L 04001000,", " L 04001000,8", "==", "==12", "==12==", "S", "SB 04"}) {
    const reading got = read("I  04016b80,3\nI  04016b83,5\n" + std::string(rest));
    EXPECT_EQ(got.operations.size(), 2u) << rest;
    EXPECT_TRUE(has(got.message, "line 3: ") && has(got.message, "the trace is cut off")) << got.message;
  }
}

TEST(lackey_reader, names_a_champsim_part) {
  const reading got = read(lackey_text(10) + std::string(640, '\0') + "\n");
  EXPECT_EQ(got.operations.size(), 10u);
  EXPECT_TRUE(has(got.message, "line 11: \"\\x00\\x00")) << got.message;
}

TEST(lackey_reader, names_a_champsim_part_at_the_end) {
  const reading got = read(lackey_text(10) + std::string(640, '\0'));
  EXPECT_EQ(got.operations.size(), 10u);
  EXPECT_TRUE(has(got.message, "line 11: \"\\x00") && has(got.message, "...\" is no record of a lackey"))
      << got.message;
}

TEST(lackey_reader, says_when_valgrind_recorded_no_access) {
  const reading got = read("==1== Lackey, an example Valgrind tool\n==1== \n");
  EXPECT_TRUE(has(got.message, "holds no access") && has(got.message, "--trace-mem=yes")) << got.message;
}

TEST(lackey_reader, passes_over_the_programs_own_output_where_asked_to) {
  const temporary_file file("I  04016b80,3\nHello, world: caf\xc3\xa9\n\tand so on\nI  04016b83,5\n");
  trace_options options;
  options.pass_over_text = true;
  const std::unique_ptr<source> trace = open_trace(file.path(), options);
  EXPECT_EQ(all_of(*trace).size(), 2u);
  EXPECT_EQ(trace->passed_over(), 2u);
}

TEST(lackey_reader, knows_the_line_of_each_access) {
  const temporary_file file(
      "==1==\nI  04001000,3\n L 04001001,200\nI  04001003,3\nhello\nhello S 04001000,8\nI  04001005,3\n");
  const std::vector<unsigned> expected = {2, 3, 3, 3, 3, 4, 6, 7};
  trace_options options;
  options.pass_over_text = true;
  for (const std::size_t batch : {1u, 2u, 3u, 100u}) {
    const auto trace = open_trace(file.path(), options);
    std::vector<operation> some(batch);
    std::size_t seen = 0;
    while (const std::size_t count = trace->next(some.data(), batch))
      for (std::size_t i = 0; i < count; ++i, ++seen)
        EXPECT_EQ(trace->place_of(some.data(), i), file.path() + ": line " + std::to_string(expected.at(seen)))
            << seen << " in batches of " << batch;
    EXPECT_EQ(seen, expected.size());
  }
}

TEST(lackey_reader, tells_the_first_line_that_it_passed_over) {
  trace_options options;
  options.pass_over_text = true;
  const temporary_file file("I  04001000,3\n==1== valgrind\nhello\nworld\n");
  const auto trace = open_trace(file.path(), options);
  all_of(*trace);
  EXPECT_EQ(trace->passed_over(), 2u);
  EXPECT_EQ(trace->first_passed_over(), "line 3: \"hello\"");
}

TEST(lackey_reader, takes_no_part_of_output_for_a_record_that_is_not_whole) {
  const reading got =
      read("I  04001000,3\nin L 04001000,0\nin L ,8\nin L 04001000,8 of\n a, b,4\nsizes S 10,20\n", true);
  EXPECT_EQ(got.message, "");
  EXPECT_EQ(got.operations.size(), 1u);
}

TEST(lackey_reader, calls_itself_lackey) {
  const temporary_file file(lackey_text(1));
  EXPECT_STREQ(open_trace(file.path())->format(), "lackey");
}

}  // namespace
}  // namespace nestwalk::workload::test
