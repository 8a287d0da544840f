// The second stage in EPT format, and both stages together: what counts as a write, and what a failure reports.
#include <gtest/gtest.h>

#include "flat_memory.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::paging {
namespace {

namespace q = ept_qualification;
using test::flat_memory;

constexpr std::uint64_t ept_pointer = 0x1000 | 3 << 3 | 6;
constexpr gpa mapped{0x40201234};
constexpr gva linear{0x7000'0234};

// 4-level EPT that maps gpa 0x40201000 to 0x9000.
flat_memory ept_tables(std::uint64_t leaf = 0x9037) {
  flat_memory m;
  m.qwords = {{0x1000, 0x2007}, {0x2008, 0x3007}, {0x3008, 0x4007}, {0x4008, leaf}};
  return m;
}

domain ept_context(ept_controls controls = {ept_pointer, false, false}, capabilities processor = {}) {
  domain c;
  c.nested_on = true;
  c.nested = decode_ept(controls, processor);
  return c;
}

nested_access data(access_type type, rights r = rights{}) {
  return {type, purpose::data_page, true, r, linear};
}
nested_access table() {
  return {access_type::read, purpose::table_entry, true, rights{}, linear};
}

outcome translate(const domain& c, flat_memory& m, gpa in, const nested_access& a) {
  return two_stage_walk<flat_memory>(c, m).translate(in, a);
}

TEST(ept_walk, maps_a_page_with_its_rights_and_memory_type) {
  flat_memory m = ept_tables();
  const outcome o = translate(ept_context(), m, mapped, data(access_type::read));
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0x9234u);
  EXPECT_EQ(o.page.type, memory_type::wb);
  EXPECT_EQ(o.page.granted.bits, rights::all);
}

TEST(ept_walk, five_levels_are_selected_by_the_walk_length) {
  flat_memory m = ept_tables();
  m.qwords[0x5000] = 0x1007;
  const domain c = ept_context({0x5000 | 4 << 3 | 6, false, false});
  EXPECT_EQ(translate(c, m, mapped, data(access_type::read)).output.value, 0x9234u);
  EXPECT_EQ(m.reads.size(), 5u);
}

TEST(ept_walk, a_guest_physical_address_beyond_four_levels_is_a_violation) {
  capabilities processor;
  processor.physical_bits = 52;
  flat_memory m = ept_tables();
  const outcome o = translate(ept_context({ept_pointer, false, false}, processor), m, gpa(std::uint64_t{1} << 48),
                              data(access_type::read));
  EXPECT_EQ(o.failure.kind, fault_kind::ept_violation);
  EXPECT_EQ(o.failure.qualification, q::read | q::linear_valid | q::linear_translated);
  EXPECT_TRUE(m.reads.empty());
}

TEST(ept_walk, a_violation_reports_access_rights_and_both_addresses) {
  flat_memory m = ept_tables(0x9035);
  const outcome o = translate(ept_context(), m, mapped, data(access_type::write));
  EXPECT_EQ(o.failure.kind, fault_kind::ept_violation);
  EXPECT_EQ(o.failure.qualification, q::write | q::readable | q::executable | q::linear_valid | q::linear_translated);
  EXPECT_EQ(o.failure.guest_physical, mapped);
  EXPECT_EQ(o.failure.linear, linear);
  EXPECT_EQ(o.failure.stage, stage_kind::nested);
  EXPECT_EQ(o.failure.level, 1u);
}

TEST(ept_walk, without_a_linear_address_bits_7_and_8_are_clear) {
  flat_memory m = ept_tables(0);
  nested_access a = table();
  a.linear_valid = false;
  const outcome o = translate(ept_context(), m, mapped, a);
  EXPECT_EQ(o.failure.qualification, q::read);
  EXPECT_EQ(o.failure.linear.value, 0u);
}

TEST(ept_walk, a_table_access_is_a_read_and_with_flags_on_a_write_too) {
  flat_memory m = ept_tables(0x9031);
  EXPECT_TRUE(translate(ept_context(), m, mapped, table()).mapped());
  const domain flags = ept_context({ept_pointer | eptp::accessed_dirty, false, false});
  const outcome o = translate(flags, m, mapped, table());
  EXPECT_EQ(o.failure.qualification, q::read | q::write | q::readable | q::linear_valid);
}

TEST(ept_walk, a_table_access_with_flags_on_sets_accessed_everywhere_and_dirty_in_the_leaf) {
  flat_memory m = ept_tables();
  const domain flags = ept_context({ept_pointer | eptp::accessed_dirty, false, false});
  ASSERT_TRUE(translate(flags, m, mapped, table()).mapped());
  EXPECT_EQ(m.qwords[0x1000], 0x2107u);
  EXPECT_EQ(m.qwords[0x4008], 0x9337u);
}

TEST(ept_walk, a_flag_update_needs_read_and_write_even_with_flags_off) {
  flat_memory m = ept_tables(0x9031);
  nested_access a = table();
  a.why = purpose::flag_update;
  EXPECT_EQ(translate(ept_context(), m, mapped, a).failure.qualification,
            q::read | q::write | q::readable | q::linear_valid);
}

TEST(ept_walk, advanced_information_reports_the_linear_addresss_rights_for_the_data_page_only) {
  flat_memory m = ept_tables(0);
  const domain c = ept_context({ept_pointer, false, true});
  const rights r{static_cast<std::uint8_t>(rights::nested_mask | rights::user), 0};
  EXPECT_EQ(translate(c, m, mapped, data(access_type::read, r)).failure.qualification,
            q::read | q::linear_valid | q::linear_translated | q::linear_user | q::linear_no_execute);
  EXPECT_EQ(translate(c, m, mapped, table()).failure.qualification, q::read | q::linear_valid);
}

struct leaf_case {
  const char* what;
  std::uint64_t leaf;
  bool execute_only;
  bool misconfigured;
  friend void PrintTo(const leaf_case& c, std::ostream* out) { *out << c.what; }
};
class ept_leaves : public testing::TestWithParam<leaf_case> {};
TEST_P(ept_leaves, are_misconfigured_where_the_manual_says) {
  flat_memory m = ept_tables(GetParam().leaf);
  capabilities processor;
  processor.execute_only = GetParam().execute_only;
  const outcome o = translate(ept_context({ept_pointer, false, false}, processor), m, mapped, data(access_type::fetch));
  EXPECT_EQ(o.failure.kind == fault_kind::ept_misconfiguration, GetParam().misconfigured) << GetParam().what;
  EXPECT_EQ(o.failure.guest_physical, GetParam().misconfigured ? mapped : gpa());
}
INSTANTIATE_TEST_SUITE_P(
    rules, ept_leaves,
    testing::Values(leaf_case{"read, write, execute, WB", 0x9037, true, false},
                    leaf_case{"write without read", 0x9032, true, true},
                    leaf_case{"write and execute without read", 0x9036, true, true},
                    leaf_case{"execute only, supported", 0x9034, true, false},
                    leaf_case{"execute only, not supported", 0x9034, false, true},
                    leaf_case{"memory type 2", 0x9017, true, true}, leaf_case{"memory type 3", 0x901f, true, true},
                    leaf_case{"memory type 7", 0x903f, true, true}, leaf_case{"memory type 4", 0x9027, true, false},
                    leaf_case{"address beyond 46 bits", 0x9037 | std::uint64_t{1} << 46, true, true},
                    leaf_case{"ignored bits 57 to 62", 0x9037 | std::uint64_t{0x7e} << 56, true, false}));

TEST(ept_walk, mode_based_execute_control_judges_fetches_by_the_pages_mode) {
  const domain c = ept_context({ept_pointer, true, false});
  flat_memory m = ept_tables(0x9033 | ept_entry::xu);
  for (const std::uint64_t table_entry : {0x1000u, 0x2008u, 0x3008u}) m.qwords[table_entry] |= ept_entry::xu;
  const rights user_page{};
  const rights supervisor_page{static_cast<std::uint8_t>(rights::all & ~rights::user), 0};
  EXPECT_TRUE(translate(c, m, mapped, data(access_type::fetch, user_page)).mapped());
  const outcome o = translate(c, m, mapped, data(access_type::fetch, supervisor_page));
  EXPECT_EQ(o.failure.qualification,
            q::fetch | q::readable | q::writable | q::user_executable | q::linear_valid | q::linear_translated);
}

TEST(ept_walk, under_mode_based_execute_control_an_entry_with_xu_alone_is_present) {
  const domain c = ept_context({ept_pointer, true, false});
  flat_memory m = ept_tables(0x9030 | ept_entry::xu);
  for (const std::uint64_t table_entry : {0x1000u, 0x2008u, 0x3008u}) m.qwords[table_entry] |= ept_entry::xu;
  EXPECT_TRUE(translate(c, m, mapped, data(access_type::fetch)).mapped());
}

TEST(ept_walk, without_mode_based_execute_control_bit_10_is_ignored) {
  flat_memory m = ept_tables(0x9033 | ept_entry::xu);
  const outcome o = translate(ept_context(), m, mapped, data(access_type::fetch));
  EXPECT_EQ(o.failure.qualification & q::user_executable, 0u);
  m.qwords[0x4008] = ept_entry::xu;
  EXPECT_EQ(translate(ept_context(), m, mapped, data(access_type::read)).failure.kind, fault_kind::ept_violation);
}

TEST(ept_pointer_validity, names_what_is_wrong) {
  const capabilities processor;
  EXPECT_EQ(why_invalid_eptp(ept_pointer, processor), nullptr);
  EXPECT_EQ(why_invalid_eptp(0x1000 | 4 << 3 | 0 | eptp::accessed_dirty, processor), nullptr);
  EXPECT_NE(why_invalid_eptp(0x1000 | 3 << 3 | 5, processor), nullptr);
  EXPECT_NE(why_invalid_eptp(0x1000 | 2 << 3 | 6, processor), nullptr);
  EXPECT_NE(why_invalid_eptp(ept_pointer | 1 << 8, processor), nullptr);
  EXPECT_NE(why_invalid_eptp(ept_pointer | std::uint64_t{1} << 46, processor), nullptr);
}

// The memory reads of a two-dimensional walk: (g + 1)(h + 1) - 1 where every size is equal.
struct sizes_case {
  unsigned guest_leaf;
  unsigned nested_leaf;
  std::size_t reads;
  friend void PrintTo(const sizes_case& c, std::ostream* out) { *out << c.guest_leaf << " over " << c.nested_leaf; }
};
class two_dimensions : public testing::TestWithParam<sizes_case> {};
TEST_P(two_dimensions, read_as_many_entries_as_the_formula_says) {
  const auto [guest_leaf, nested_leaf, reads] = GetParam();
  domain c = ept_context({0x100000 | 3 << 3 | 6, false, false});
  paging_registers r;
  r.cr0 = cr0::pe | cr0::pg;
  r.cr4 = cr4::pae;
  r.efer = efer::lma;
  c.guest = decode_guest(r, {});
  flat_memory m;
  // Identity EPT of the lowest memory; guest tables at 0, 0x1000, 0x2000, 0x3000, index 0 throughout.
  for (unsigned level = 4; level > nested_leaf; --level)
    m.qwords[0x100000 + (4 - level) * 0x1000] = 0x100007 + (5 - level) * 0x1000;
  const std::uint64_t leaf_table = 0x100000 + (4 - nested_leaf) * 0x1000;
  if (nested_leaf == 1)
    for (std::uint64_t page = 0; page < 16; ++page) m.qwords[leaf_table + page * 8] = page << 12 | 0x37;
  else
    m.qwords[leaf_table] = 0xb7;
  for (unsigned level = 4; level > guest_leaf; --level) m.qwords[(4 - level) * 0x1000] = (5 - level) * 0x1000 | 0x67;
  m.qwords[(4 - guest_leaf) * 0x1000] = guest_leaf == 1 ? 0x8067 : 0xe7;
  const outcome o = two_stage_walk<flat_memory>(c, m).translate(gva(0x234), {});
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(m.reads.size(), reads);
  EXPECT_EQ(o.page.size_log2(), 12 + 9 * (std::min(guest_leaf, nested_leaf) - 1));
}
INSTANTIATE_TEST_SUITE_P(leaf_sizes, two_dimensions,
                         testing::Values(sizes_case{1, 1, 24}, sizes_case{1, 2, 19}, sizes_case{1, 3, 14},
                                         sizes_case{2, 1, 19}, sizes_case{2, 2, 15}, sizes_case{2, 3, 11},
                                         sizes_case{3, 1, 14}, sizes_case{3, 2, 11}, sizes_case{3, 3, 8}));

TEST(two_stages, guest_flags_are_set_before_the_second_stage_of_the_data_page_is_judged) {
  domain c = ept_context({0x100000 | 3 << 3 | 6, false, false});
  paging_registers r;
  r.cr0 = cr0::pe | cr0::pg;
  r.cr4 = cr4::pae;
  r.efer = efer::lma;
  c.guest = decode_guest(r, {});
  flat_memory m;
  m.qwords = {{0x100000, 0x101007}, {0x101000, 0x102007}, {0x102000, 0x103007}};
  for (std::uint64_t page = 0; page < 4; ++page) m.qwords[0x103000 + page * 8] = page << 12 | 0x37;
  m.qwords[0x0] = 0x1007;
  m.qwords[0x1000] = 0x2007;
  m.qwords[0x2000] = 0x3007;
  m.qwords[0x3000] = 0x8007;
  const outcome o = two_stage_walk<flat_memory>(c, m).translate(gva(0x234), {});
  EXPECT_EQ(o.failure.kind, fault_kind::ept_violation);
  EXPECT_EQ(m.qwords[0x3000], 0x8027u) << "the guest's rights allow the access, so its flag is set first";
}

}  // namespace
}  // namespace nestwalk::paging
