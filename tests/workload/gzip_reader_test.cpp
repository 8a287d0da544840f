// gzip traces that are not what was compressed.
#include "nestwalk/workload/gzip_reader.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "nestwalk/workload/open_trace.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

constexpr unsigned lines = 20'000;
constexpr std::size_t trailer = 8;  // bytes: the CRC, then the length

reading read_file(const std::string& content) {
  const temporary_file file(content);
  return read_until_error(*open_trace(file.path()));
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  return bytes;
}

TEST(gzip_reader, holds_the_content_against_its_crc) {
  const std::string whole = packed(lackey_text(lines), packing::gz);
  const reading got = read_file(flipped(whole, whole.size() - trailer));
  EXPECT_EQ(got.operations.size(), lines);
  EXPECT_TRUE(has(got.message, "gzip archive is corrupt, cut off or empty (incorrect data check)")) << got.message;
}

TEST(gzip_reader, holds_the_content_against_its_length) {
  const std::string whole = packed(lackey_text(lines), packing::gz);
  const reading got = read_file(flipped(whole, whole.size() - 2));
  EXPECT_EQ(got.operations.size(), lines);
  EXPECT_TRUE(has(got.message, "gzip archive is corrupt, cut off or empty (incorrect length check)")) << got.message;
}

TEST(gzip_reader, misses_a_part_of_the_trailer) {
  const std::string whole = packed(lackey_text(lines), packing::gz);
  const reading got = read_file(whole.substr(0, whole.size() - 3));
  EXPECT_EQ(got.operations.size(), lines);
  EXPECT_TRUE(has(got.message, "the compressed bytes end too early")) << got.message;
}

TEST(gzip_reader, refuses_other_bytes_behind_the_end) {
  const reading got = read_file(packed(lackey_text(lines), packing::gz) + "more");
  EXPECT_EQ(got.operations.size(), lines);
  EXPECT_TRUE(has(got.message, "bytes that are not gzip's follow its end")) << got.message;
}

TEST(gzip_reader, passes_over_zeros_behind_the_end) {
  const reading got = read_file(packed(lackey_text(lines), packing::gz) + std::string(100'000, '\0'));
  EXPECT_EQ(got.operations.size(), lines);
  EXPECT_EQ(got.message, "");
}

TEST(gzip_reader, reads_one_member_behind_the_other) {
  const std::string member = packed(lackey_text(lines), packing::gz);
  const reading got = read_file(member + packed("", packing::gz) + member);
  EXPECT_EQ(got.operations.size(), 2 * lines);
  EXPECT_EQ(got.message, "");
}

TEST(gzip_reader, holds_the_second_member_against_its_crc_too) {
  const std::string two = packed(lackey_text(lines), packing::gz) + packed(lackey_text(lines), packing::gz);
  const reading got = read_file(flipped(two, two.size() - trailer));
  EXPECT_EQ(got.operations.size(), 2 * lines);
  EXPECT_TRUE(has(got.message, "(incorrect data check)")) << got.message;
}

TEST(gzip_reader, names_the_damage_and_not_the_lines_that_it_spoilt) {
  const std::string whole = packed(lackey_text(lines), packing::gz);
  constexpr std::size_t header = 10;
  for (std::size_t at = header; at < whole.size(); at += whole.size() / 40) {
    const temporary_file file(flipped(whole, at));
    const std::string message = message_of([&] { all_of(*open_trace(file.path())); });
    EXPECT_TRUE(has(message, file.path() + ": gzip archive is corrupt")) << "byte " << at << ": " << message;
  }
}

TEST(gzip_reader, leaves_a_bad_line_of_a_sound_archive_its_name) {
  const reading got = read_file(packed(lackey_text(lines) + "nonsense\n" + lackey_text(lines), packing::gz));
  EXPECT_EQ(got.operations.size(), 2 * lines);
  EXPECT_TRUE(has(got.message, ": line 20001: \"nonsense\"")) << got.message;
}

TEST(gzip_reader, unpacks_what_was_packed_twice) {
  EXPECT_EQ(read_file(packed(packed(lackey_text(lines), packing::gz), packing::gz)).operations.size(), lines);
}

}  // namespace
}  // namespace nestwalk::workload::test
