// Page-modification logging (SDM vol. 3, 28.3.6): what is recorded, in which order, and what a full log stops.
#include <gtest/gtest.h>

#include "flat_memory.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::paging {
namespace {

using test::flat_memory;

constexpr std::uint64_t log_at = 0xb000;
constexpr std::uint64_t ept_pointer = 0x1000 | 3 << 3 | 6 | eptp::accessed_dirty;
constexpr gpa mapped{0x40201234};
constexpr std::uint64_t leaf_at = 0x4008;
constexpr std::uint64_t clean = 0x9037;
constexpr std::uint64_t dirty = 0x9337;

// 4-level EPT that maps gpa 0x40201000 to 0x9000; accessed flags are set above the leaf.
struct logging_machine {
  flat_memory memory;
  page_modification_log log{hpa(log_at), 511};
  domain c;

  explicit logging_machine(std::uint64_t leaf = clean, std::uint64_t pointer = ept_pointer) {
    memory.qwords = {{0x1000, 0x2107}, {0x2008, 0x3107}, {0x3008, 0x4107}, {leaf_at, leaf}};
    c.nested_on = true;
    ept_controls controls;
    controls.eptp = pointer;
    c.nested = decode_ept(controls, {});
    c.nested.log = &log;
  }
  outcome ask(access_type type, purpose why = purpose::data_page, gpa in = mapped) {
    return two_stage_walk<flat_memory>(c, memory).translate(in, {type, why, true, rights{}, gva(0x1234)});
  }
  std::uint64_t record(unsigned index) { return memory.qwords[log_at + index * 8]; }
};

TEST(page_modification_log, a_write_that_dirties_a_page_is_recorded_page_aligned_and_the_index_goes_down) {
  logging_machine m;
  ASSERT_TRUE(m.ask(access_type::write).mapped());
  EXPECT_EQ(m.record(511), 0x40201000u);
  EXPECT_EQ(m.log.index, 510u);
  EXPECT_EQ(m.memory.qwords[leaf_at], dirty);
}
TEST(page_modification_log, of_a_large_page_holds_the_4_kbyte_page_that_was_written) {
  logging_machine m;
  m.memory.qwords[0x3008] = 0x2000b7;
  ASSERT_TRUE(m.ask(access_type::write, purpose::data_page, gpa(0x40345678)).mapped());
  EXPECT_EQ(m.record(511), 0x40345000u);
}
TEST(page_modification_log, does_not_record_reads_or_fetches) {
  logging_machine m;
  ASSERT_TRUE(m.ask(access_type::read).mapped());
  ASSERT_TRUE(m.ask(access_type::fetch).mapped());
  EXPECT_EQ(m.log.index, 511u);
  EXPECT_EQ(m.memory.qwords.count(log_at + 511 * 8), 0u);
}
TEST(page_modification_log, records_a_table_access_which_is_a_write) {
  logging_machine m;
  ASSERT_TRUE(m.ask(access_type::read, purpose::table_entry).mapped());
  EXPECT_EQ(m.record(511), 0x40201000u);
}
TEST(page_modification_log, does_not_record_a_page_that_is_dirty) {
  logging_machine m(dirty);
  ASSERT_TRUE(m.ask(access_type::write).mapped());
  EXPECT_EQ(m.log.index, 511u);
}
TEST(page_modification_log, records_each_page_once) {
  logging_machine m;
  ASSERT_TRUE(m.ask(access_type::write).mapped());
  ASSERT_TRUE(m.ask(access_type::write).mapped());
  EXPECT_EQ(m.log.index, 510u);
}
TEST(page_modification_log, does_not_record_while_the_eptp_has_the_flags_off) {
  logging_machine m(clean, ept_pointer & ~eptp::accessed_dirty);
  m.log.index = 0xffff;
  ASSERT_TRUE(m.ask(access_type::write).mapped());
  EXPECT_EQ(m.log.index, 0xffffu);
}
TEST(page_modification_log, takes_its_last_record_at_index_0_and_wraps_to_ffff) {
  logging_machine m;
  m.log.index = 0;
  ASSERT_TRUE(m.ask(access_type::write).mapped());
  EXPECT_EQ(m.record(0), 0x40201000u);
  EXPECT_EQ(m.log.index, 0xffffu);
}

class full_log : public testing::TestWithParam<std::uint16_t> {};
TEST_P(full_log, ends_the_write_before_any_flag_is_set) {
  logging_machine m(0x9037);
  m.memory.qwords[0x1000] = 0x2007;
  m.log.index = GetParam();
  const outcome o = m.ask(access_type::write);
  EXPECT_EQ(o.failure.kind, fault_kind::page_modification_log_full);
  EXPECT_EQ(o.failure.stage, stage_kind::nested);
  EXPECT_EQ(o.failure.qualification, 0u);
  EXPECT_TRUE(m.memory.exchanges.empty());
  EXPECT_EQ(m.memory.qwords[leaf_at], clean);
  EXPECT_EQ(m.log.index, GetParam());
}
INSTANTIATE_TEST_SUITE_P(indices, full_log, testing::Values(512, 513, 0x7fff, 0xffff));

// "Before allowing a guest-physical access, the processor may determine that it first needs to set an accessed or dirty
// flag for EPT. When this happens, the processor examines the PML index."
TEST(page_modification_log, when_full_ends_a_read_that_needs_an_accessed_flag) {
  logging_machine m;
  m.log.index = 0xffff;
  EXPECT_EQ(m.ask(access_type::read).failure.kind, fault_kind::page_modification_log_full);
  EXPECT_EQ(m.memory.qwords[leaf_at], clean);
}
TEST(page_modification_log, when_full_lets_accesses_pass_that_need_no_flag) {
  logging_machine m(dirty);
  m.log.index = 0xffff;
  EXPECT_TRUE(m.ask(access_type::write).mapped());
  EXPECT_TRUE(m.ask(access_type::read).mapped());
}
TEST(page_modification_log, when_full_gives_way_to_a_violation) {
  logging_machine m(0x9035);
  m.log.index = 0xffff;
  EXPECT_EQ(m.ask(access_type::write).failure.kind, fault_kind::ept_violation);
}
TEST(page_modification_log, a_lost_exchange_records_once) {
  logging_machine m;
  bool interfered = false;
  m.memory.before_exchange = [&](std::uint64_t at) {
    if (!interfered) m.memory.qwords[at] |= std::uint64_t{1} << 60;
    interfered = true;
  };
  ASSERT_TRUE(m.ask(access_type::write).mapped());
  EXPECT_EQ(m.log.index, 510u);
}
TEST(page_modification_log, a_page_that_another_processor_dirties_first_is_not_recorded_here) {
  logging_machine m;
  m.memory.before_exchange = [&](std::uint64_t at) { m.memory.qwords[at] = dirty; };
  ASSERT_TRUE(m.ask(access_type::write).mapped());
  EXPECT_EQ(m.log.index, 511u);
}
TEST(page_modification_log, in_memory_that_answers_an_error_is_a_memory_error_at_the_slot) {
  logging_machine m;
  m.memory.fails_at = log_at + 511 * 8;
  const outcome o = m.ask(access_type::write);
  EXPECT_EQ(o.failure.kind, fault_kind::memory_error);
  EXPECT_EQ(o.failure.entry.value, log_at + 511 * 8);
  EXPECT_EQ(m.log.index, 511u);
}

// A memory without `log`: it looks, so that nothing is recorded and a full log stops nothing.
struct looking_memory {
  flat_memory& memory;
  bool read(hpa at, unsigned bytes, std::uint64_t& value) { return memory.read(at, bytes, value); }
  exchange_result exchange(hpa, unsigned, std::uint64_t, std::uint64_t) { return exchange_result::stored; }
};
TEST(page_modification_log, is_left_alone_by_a_look) {
  logging_machine m;
  m.log.index = 0xffff;
  looking_memory looking{m.memory};
  const outcome o = two_stage_walk<looking_memory>(m.c, looking)
                        .translate(mapped, {access_type::write, purpose::data_page, true, rights{}, gva(0x1234)});
  EXPECT_TRUE(o.mapped());
  EXPECT_FALSE(o.flags_were_set);
  EXPECT_EQ(m.log.index, 0xffffu);
}

}  // namespace
}  // namespace nestwalk::paging
