// Files of other formats are named, and none is read as a trace.
#include "nestwalk/workload/foreign_format.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "nestwalk/workload/champsim_record.h"
#include "nestwalk/workload/open_trace.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

using namespace std::string_literals;

std::string refusal_of(const std::string& content) {
  const temporary_file file(content);
  const std::string message = message_of([&] { all_of(*open_trace(file.path())); });
  EXPECT_TRUE(has(message, file.path() + ": ")) << message;
  EXPECT_TRUE(has(message, "a valgrind lackey trace") && has(message, "a ChampSim trace")) << message;
  return message;
}

template <class T>
void append(std::string& to, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  to.append(bytes, sizeof value);
}

std::string dynamorio_entry(std::uint16_t type, std::uint16_t size, std::uint64_t address) {
  std::string entry;
  append(entry, type);
  append(entry, size);
  append(entry, address);
  return entry;
}

/// DynamoRIO's entries, with addresses whose upper half is zero as those of a program at 0x400000 are.
std::string dynamorio(bool with_header) {
  std::string trace = with_header ? dynamorio_entry(25, 0, 4) + dynamorio_entry(28, 2, 7) : ""s;
  for (unsigned i = 0; i < 1000; ++i)
    trace += dynamorio_entry(10, 4, 0x400000 + 4 * i) + dynamorio_entry(i % 2, 8, 0x600000 + 64 * i);
  return trace;
}

std::string tar_of(const std::string& content) {
  std::string header(512, '\0');
  header.replace(0, 5, "trace");
  header.replace(257, 6, "ustar\0"s);
  return header + content;
}

TEST(foreign_format, that_is_commonly_handed_in_is_named) {
  EXPECT_TRUE(has(refusal_of("PK\x03\x04\x14\0\0\0\x08\0"s + std::string(500, 'x')), "is a zip archive; unpack it"));
  EXPECT_TRUE(has(refusal_of(tar_of(lackey_text(100))), "is a tar archive; unpack it"));
  EXPECT_TRUE(has(refusal_of(packed(tar_of(lackey_text(100)), packing::gz)), "is a tar archive; unpack it"));
  EXPECT_TRUE(has(refusal_of("\x04\x22\x4d\x18" + std::string(100, '\x7e')), "is an lz4 file"));
  EXPECT_TRUE(has(refusal_of("\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0"s), "is a pcap"));
  EXPECT_TRUE(has(refusal_of("gem5\x20\x0a\x0esystem.monitor\x19\0\0"s), "is a gem5 trace"));
  EXPECT_TRUE(has(refusal_of(dynamorio(true)), "is a DynamoRIO trace"));
  EXPECT_TRUE(
      has(refusal_of("0x7f3e1a: R 0x7ffd0010\n0x7f3e1d: W 0x7ffd0018\n#eof\n"), "is the text of Pin's pinatrace"));
  EXPECT_TRUE(has(refusal_of("2 430d70\n2 430d74\n0 10019d88\n1 10019d8c\n"), "is a dinero trace"));
  EXPECT_TRUE(has(refusal_of("r 1000 4\nw 2000 8\ni 400000 4\n"), "is a dinero trace"));
  EXPECT_TRUE(has(refusal_of("\xff\xfeI\0 \0 \0"s + "0\0004\0,\0003\0\n\0"s), "is text in UTF-16"));
  EXPECT_TRUE(has(refusal_of("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "is a Git LFS pointer"));
}

TEST(foreign_format, of_programs_is_named_with_what_traces_them) {
  for (const char* const program : {"/bin/ls", "/bin/sh", "/proc/self/exe"}) {
    const std::string message = message_of([&] { all_of(*open_trace(program)); });
    EXPECT_TRUE(has(message, program + ": is an ELF program or library; trace it with 'valgrind"s)) << message;
  }
}

TEST(foreign_format, of_a_lackey_or_champsim_trace_is_none) {
  EXPECT_EQ(foreign_format(lackey_text(100)), "");
  EXPECT_EQ(foreign_format("==1== Lackey\n"), "");
  EXPECT_EQ(foreign_format("1 2\n3 4\n==1== Lackey\nI  04001000,3\n"), "");
  EXPECT_EQ(foreign_format(""), "");
  EXPECT_EQ(foreign_format("0"), "");
  EXPECT_EQ(foreign_format(std::string(4096, '\0')), "");
}

/// Records of `size` bytes with a counting address of 8, flags of 0 or 1, and zeros, all in the places that `draw`
/// gives them.
std::string records_of(unsigned size, std::mt19937& random) {
  const unsigned address_at = static_cast<unsigned>(random() % (size - 7));
  const std::uint64_t base = (std::uint64_t{random()} << 16) & 0x7fffffffffff;
  const unsigned stride = 1u << random() % 13;
  std::string all;
  for (unsigned i = 0; i < 3000; ++i) {
    std::string record;
    for (unsigned at = 0; at < size; ++at) record += static_cast<char>(random() % 2);
    const std::uint64_t address = base + std::uint64_t{i} * stride;
    record.replace(address_at, 8, std::string(reinterpret_cast<const char*>(&address), 8));
    all += record;
  }
  return all;
}

TEST(foreign_format, of_records_of_another_size_is_not_taken_for_champsim) {
  EXPECT_TRUE(has(refusal_of(dynamorio(false)), "which is no trace"));
  // An address in the first 8 bytes, then two bytes of 0 or 1: the first record alone could be ChampSim's.
  std::string twelve;
  for (unsigned i = 0; i < 3000; ++i) {
    append(twelve, std::uint64_t{0x7f0000001000} + 24 * i);
    append(twelve, std::uint16_t(i % 2));
    append(twelve, std::uint16_t(8));
  }
  EXPECT_TRUE(has(refusal_of(twelve), "which is no trace"));
  EXPECT_TRUE(has(refusal_of(twelve.substr(0, 120)), "which is no trace"));
  std::mt19937 random(seed());
  for (const unsigned size : {9u, 10u, 12u, 16u, 17u, 20u, 24u, 28u, 40u, 48u, 80u, 96u})
    EXPECT_TRUE(has(refusal_of(records_of(size, random)), "which is no trace")) << size;
}

TEST(foreign_format, of_any_part_of_a_program_is_never_champsim) {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  const std::string program{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  ASSERT_GT(program.size(), 100'000u);
  for (std::size_t at = 0; at < program.size(); at += 2048) {
    const std::string part = program.substr(at, 64 * 1024);
    EXPECT_FALSE(looks_like_champsim(part, false)) << "from " << at;
  }
}

}  // namespace
}  // namespace nestwalk::workload::test
