// Reading ChampSim's records.
#include "nestwalk/workload/champsim_reader.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/workload/open_trace.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

/// ChampSim's own declaration (inc/trace_instruction.h), against which the reader's offsets are held.
struct input_instr {
  unsigned long long ip;
  unsigned char is_branch;
  unsigned char branch_taken;
  unsigned char destination_registers[2];
  unsigned char source_registers[4];
  unsigned long long destination_memory[2];
  unsigned long long source_memory[4];
};
static_assert(sizeof(input_instr) == champsim_reader::record_size);

std::string bytes_of(const input_instr& record) {
  std::string bytes(sizeof record, '\0');
  std::memcpy(bytes.data(), &record, sizeof record);
  return bytes;
}

std::string records(unsigned count) {
  std::string all;
  for (unsigned i = 0; i < count; ++i) {
    input_instr record = {};
    record.ip = 0x400000 + 4ull * i;
    record.destination_registers[0] = 255;
    if (i % 2 == 0) record.source_memory[i % 4] = 0x7f0000000000 + 64ull * i;
    if (i % 3 == 0) record.destination_memory[i % 2] = 0x10000000 + 64ull * i;
    all += bytes_of(record);
  }
  return all;
}

reading read(const std::string& content) {
  const temporary_file file(content);
  return read_until_error(*open_trace(file.path()));
}

/// Likewise, of CloudSuite.
struct cloudsuite_instr {
  unsigned long long ip;
  unsigned char is_branch;
  unsigned char branch_taken;
  unsigned char destination_registers[4];
  unsigned char source_registers[4];
  unsigned long long destination_memory[4];
  unsigned long long source_memory[4];
  unsigned char asid[2];
};
static_assert(sizeof(cloudsuite_instr) == cloudsuite_reader::record_size);

std::string cloudsuite_records(unsigned count) {
  std::string all;
  for (unsigned i = 0; i < count; ++i) {
    cloudsuite_instr record;
    std::memset(&record, 0, sizeof record);
    record.ip = 0x400000 + 4ull * i;
    record.destination_registers[3] = 255;
    record.source_memory[i % 4] = 0x7f0000000000 + 64ull * i;
    record.destination_memory[i % 4] = 0x10000000 + 64ull * i;
    record.asid[0] = record.asid[1] = 255;
    all.append(reinterpret_cast<const char*>(&record), sizeof record);
  }
  return all;
}

trace_options of_format(trace_format format) {
  trace_options options;
  options.format = format;
  return options;
}

TEST(cloudsuite_reader, makes_a_fetch_then_the_loads_then_the_stores_of_a_record) {
  constexpr unsigned count = 1000;
  const temporary_file file(cloudsuite_records(count));
  const std::unique_ptr<source> trace = open_trace(file.path(), of_format(trace_format::cloudsuite));
  EXPECT_STREQ(trace->format(), "cloudsuite");
  const std::vector<operation> got = all_of(*trace);
  ASSERT_EQ(got.size(), 3 * count);
  for (unsigned i = 0; i < count; ++i) {
    EXPECT_EQ(got[3 * i].kind, operation_kind::fetch);
    EXPECT_EQ(got[3 * i].address.value, 0x400000 + 4ull * i);
    EXPECT_EQ(got[3 * i + 1].kind, operation_kind::load);
    EXPECT_EQ(got[3 * i + 1].address.value, 0x7f0000000000 + 64ull * i);
    EXPECT_EQ(got[3 * i + 2].kind, operation_kind::store);
    EXPECT_EQ(got[3 * i + 2].address.value, 0x10000000 + 64ull * i);
  }
}

TEST(cloudsuite_reader, is_never_chosen_by_content_nor_taken_for_another) {
  for (const unsigned count : {1U, 2U, 3U, 10U, 1000U}) {
    const temporary_file file(cloudsuite_records(count));
    const std::string message = message_of([&] { all_of(*open_trace(file.path())); });
    EXPECT_NE(message, "") << count << " records";
  }
}

TEST(cloudsuite_reader, names_a_record_that_is_cut_off) {
  const temporary_file file(cloudsuite_records(3).substr(0, 250));
  const reading got = read_until_error(*open_trace(file.path(), of_format(trace_format::cloudsuite)));
  EXPECT_EQ(got.operations.size(), 6u);
  EXPECT_TRUE(has(got.message, "record 3 is cut off after 58 of 96 bytes")) << got.message;
}

TEST(trace_format, that_is_given_is_not_told_by_content) {
  const temporary_file instructions(records(10));
  EXPECT_STREQ(open_trace(instructions.path(), of_format(trace_format::champsim))->format(), "champsim");
  EXPECT_STREQ(open_trace(instructions.path(), of_format(trace_format::lackey))->format(), "lackey");
}

TEST(trace_format, that_is_given_makes_no_trace_of_an_empty_file) {
  const temporary_file file("");
  for (const trace_format format : {trace_format::lackey, trace_format::champsim, trace_format::cloudsuite})
    EXPECT_TRUE(has(message_of([&] { open_trace(file.path(), of_format(format)); }), "empty"));
}

TEST(champsim_reader, makes_a_fetch_then_the_loads_then_the_stores_of_a_record) {
  input_instr record = {};
  record.ip = 0x401230;
  record.is_branch = 1;
  record.branch_taken = 1;
  record.source_memory[0] = 0x7fff00001000;
  record.source_memory[3] = 0x7fff00002000;
  record.destination_memory[0] = 0x601000;
  record.destination_memory[1] = 0x602000;
  const reading got = read(bytes_of(record));
  EXPECT_EQ(got.message, "");
  ASSERT_EQ(got.operations.size(), 5u);
  const std::vector<std::pair<operation_kind, std::uint64_t>> expected = {{operation_kind::fetch, 0x401230},
                                                                          {operation_kind::load, 0x7fff00001000},
                                                                          {operation_kind::load, 0x7fff00002000},
                                                                          {operation_kind::store, 0x601000},
                                                                          {operation_kind::store, 0x602000}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(got.operations[i].kind, expected[i].first) << i;
    EXPECT_EQ(got.operations[i].address.value, expected[i].second) << i;
    EXPECT_EQ(got.operations[i].size, i == 0 ? 4 : 8) << i;
  }
}

TEST(champsim_reader, cuts_sizes_at_the_end_of_the_line_because_the_format_has_none) {
  input_instr record = {};
  record.ip = 0x400ffe;
  record.source_memory[0] = 0x7fff00000fff;
  const reading got = read(bytes_of(record));
  ASSERT_EQ(got.operations.size(), 2u);
  EXPECT_EQ(got.operations[0].size, 2);
  EXPECT_EQ(got.operations[1].size, 1);
}

TEST(champsim_reader, gives_the_same_whatever_the_size_of_a_batch) {
  const temporary_file file(records(20'000));
  const std::vector<operation> expected = all_of(*open_trace(file.path()), 1 << 20);
  ASSERT_EQ(expected.size(), 20'000u + 10'000 + 6'667);
  for (const std::size_t batch : {1u, 2u, 6u, 7u, 8u, 1000u})
    EXPECT_TRUE(same(all_of(*open_trace(file.path()), batch), expected)) << "batch of " << batch;
}

TEST(champsim_reader, says_when_the_last_record_is_cut_off) {
  for (const std::size_t rest : {1u, 40u, 63u}) {
    const reading got = read(records(5) + records(1).substr(0, rest));
    EXPECT_EQ(got.operations.size(), 5u + 3 + 2);
    EXPECT_TRUE(has(got.message, "record 6 is cut off after " + std::to_string(rest) + " of 64 bytes")) << got.message;
  }
}

TEST(champsim_reader, says_when_the_only_record_is_cut_off) {
  EXPECT_TRUE(has(read(records(1).substr(0, 20)).message, "record 1 is cut off after 20 of 64 bytes"));
}

TEST(champsim_reader, refuses_a_lackey_part) {
  const reading got = read(records(4) + lackey_text(30));
  EXPECT_EQ(got.operations.size(), 4u + 2 + 2);
  EXPECT_TRUE(has(got.message, "record 5 has is_branch = ") && has(got.message, "0 or 1 is expected")) << got.message;
}

TEST(champsim_reader, refuses_records_of_zeros) {
  const reading got = read(records(4) + std::string(128, '\0'));
  EXPECT_EQ(got.operations.size(), 4u + 2 + 2);
  EXPECT_TRUE(has(got.message, "record 5 has ip = 0")) << got.message;
}

TEST(champsim_reader, knows_the_record_of_each_access) {
  const temporary_file file(records(6));
  for (const std::size_t batch : {1u, 3u, 100u}) {
    const auto trace = open_trace(file.path());
    std::vector<operation> some(batch);
    unsigned record = 0;
    while (const std::size_t count = trace->next(some.data(), batch))
      for (std::size_t i = 0; i < count; ++i) {
        if (some[i].kind == operation_kind::fetch) ++record;
        EXPECT_EQ(trace->place_of(some.data(), i), file.path() + ": record " + std::to_string(record)) << batch;
      }
    EXPECT_EQ(record, 6u);
  }
}

TEST(champsim_reader, calls_itself_champsim) {
  const temporary_file file(records(1));
  EXPECT_STREQ(open_trace(file.path())->format(), "champsim");
}

}  // namespace
}  // namespace nestwalk::workload::test
