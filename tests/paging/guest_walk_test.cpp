// The guest's walk: every paging mode, its reserved bits, its faults and the order of its flags.
#include <gtest/gtest.h>

#include "flat_memory.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::paging {
namespace {

using test::flat_memory;

constexpr access user_read{access_type::read, access_mode::user};
constexpr access user_write{access_type::write, access_mode::user};
constexpr access user_fetch{access_type::fetch, access_mode::user};
constexpr access kernel_read{access_type::read, access_mode::supervisor};

paging_registers long_mode() {
  paging_registers r;
  r.cr0 = cr0::pe | cr0::pg | cr0::wp;
  r.cr4 = cr4::pae;
  r.efer = efer::lme | efer::lma | efer::nxe;
  r.cr3 = 0x1000;
  return r;
}

paging_registers pae_mode() {
  paging_registers r = long_mode();
  r.efer = efer::nxe;
  r.pdpte = {0x2001, 0, 0x4001, 0};
  return r;
}

paging_registers legacy_mode() {
  paging_registers r;
  r.cr0 = cr0::pe | cr0::pg | cr0::wp;
  r.cr4 = cr4::pse;
  r.cr3 = 0x1000;
  return r;
}

outcome translate(const paging_registers& r, flat_memory& memory, gva in, access a, capabilities processor = {}) {
  domain c;
  c.guest = decode_guest(r, processor);
  return two_stage_walk<flat_memory>(c, memory).translate(in, a);
}

// 4-level tables that map gva 0x40201000 (indices 0, 1, 1, 1) to 0x9000.
constexpr gva mapped{0x40201234};
flat_memory four_levels(std::uint64_t leaf = 0x9067) {
  flat_memory m;
  m.qwords = {{0x1000, 0x2067}, {0x2008, 0x3067}, {0x3008, 0x4067}, {0x4008, leaf}};
  return m;
}

TEST(guest_walk, four_levels_read_four_entries_from_the_root) {
  flat_memory m = four_levels();
  const outcome o = translate(long_mode(), m, mapped, user_read);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0x9234u);
  EXPECT_EQ(m.reads, (std::vector<std::uint64_t>{0x1000, 0x2008, 0x3008, 0x4008}));
  EXPECT_EQ(o.page.size_log2(), page_4k);
}

TEST(guest_walk, five_levels_begin_at_the_pml5) {
  flat_memory m = four_levels();
  m.qwords[0x5000] = 0x1067;
  paging_registers r = long_mode();
  r.cr4 |= cr4::la57;
  r.cr3 = 0x5000;
  const outcome o = translate(r, m, mapped, user_read);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(m.reads.size(), 5u);
  EXPECT_EQ(o.output.value, 0x9234u);
}

struct canonical_case {
  bool five_levels;
  std::uint64_t address;
  bool canonical;
  friend void PrintTo(const canonical_case& c, std::ostream* out) {
    *out << (c.five_levels ? "57 bits, 0x" : "48 bits, 0x") << std::hex << c.address;
  }
};
class canonical_addresses : public testing::TestWithParam<canonical_case> {};
TEST_P(canonical_addresses, others_are_a_general_protection_fault_without_a_read) {
  flat_memory m;
  paging_registers r = long_mode();
  if (GetParam().five_levels) r.cr4 |= cr4::la57;
  const outcome o = translate(r, m, gva(GetParam().address), user_read);
  EXPECT_EQ(o.failure.kind == fault_kind::general_protection, !GetParam().canonical);
  EXPECT_EQ(m.reads.empty(), !GetParam().canonical);
}
INSTANTIATE_TEST_SUITE_P(
    both_widths, canonical_addresses,
    testing::Values(canonical_case{false, 0x00007fffffffffff, true}, canonical_case{false, 0x0000800000000000, false},
                    canonical_case{false, 0xffff7fffffffffff, false}, canonical_case{false, 0xffff800000000000, true},
                    canonical_case{true, 0x00ffffffffffffff, true}, canonical_case{true, 0x0100000000000000, false},
                    canonical_case{true, 0xfeffffffffffffff, false}, canonical_case{true, 0xff00000000000000, true}));

TEST(guest_walk, paging_off_passes_linear_addresses_with_every_right) {
  flat_memory m;
  const outcome o = translate(paging_registers{}, m, gva(0xfee01234), user_write);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0xfee01234u);
  EXPECT_TRUE(m.reads.empty());
  EXPECT_EQ(o.page.granted.bits, rights::all);
}

TEST(guest_walk, thirty_two_bit_paging_reads_two_dword_entries) {
  flat_memory m;
  m.qwords[0x1000] = std::uint64_t{0x2067} << 32;  // entry 1 is the upper half
  m.qwords[0x2008] = std::uint64_t{0x9067} << 32;  // entry 3
  const outcome o = translate(legacy_mode(), m, gva(0x00403abc), user_read);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0x9abcu);
  EXPECT_EQ(m.reads, (std::vector<std::uint64_t>{0x1004, 0x200c}));
}

TEST(guest_walk, a_four_megabyte_page_takes_address_bits_39_to_32_from_entry_bits_20_to_13) {
  flat_memory m;
  m.qwords[0x1000] = std::uint64_t{0x12400000 | 0x5a << 13 | 0xe7} << 32;
  const outcome o = translate(legacy_mode(), m, gva(0x00712345), user_read);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0x5a12712345u);
  EXPECT_EQ(o.page.size_log2(), page_4m);
}

TEST(guest_walk, without_pse_bit_7_of_a_page_directory_entry_is_ignored) {
  flat_memory m;
  m.qwords = {{0x1000, std::uint64_t{0x20e7} << 32}, {0x2008, std::uint64_t{0x9067} << 32}};
  paging_registers r = legacy_mode();
  r.cr4 = 0;
  EXPECT_EQ(translate(r, m, gva(0x00403abc), user_read).output.value, 0x9abcu);
}

TEST(guest_walk, a_four_megabyte_page_with_bit_21_set_is_a_reserved_bit_fault) {
  flat_memory m;
  m.qwords[0x1000] = std::uint64_t{0x12400000 | 1 << 21 | 0xe7} << 32;
  const outcome o = translate(legacy_mode(), m, gva(0x00712345), user_read);
  EXPECT_EQ(o.failure.kind, fault_kind::page_fault);
  EXPECT_EQ(o.failure.error_code, pf::p | pf::rsvd | pf::us);
}

TEST(guest_walk, pae_begins_at_the_register_that_address_bits_31_to_30_select) {
  flat_memory m;
  m.qwords = {{0x4008, 0x5067}, {0x5018, 0x9067}};
  const outcome o = translate(pae_mode(), m, gva(0x80203abc), user_read);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0x9abcu);
  EXPECT_EQ(m.reads, (std::vector<std::uint64_t>{0x4008, 0x5018}));
}

TEST(guest_walk, a_pdpte_register_that_is_not_present_faults_without_a_read) {
  flat_memory m;
  const outcome o = translate(pae_mode(), m, gva(0x40000000), user_write);
  EXPECT_EQ(o.failure.kind, fault_kind::page_fault);
  EXPECT_EQ(o.failure.error_code, pf::wr | pf::us);
  EXPECT_TRUE(m.reads.empty());
}

TEST(guest_walk, pae_entries_reserve_bits_62_to_52) {
  flat_memory m;
  m.qwords = {{0x4008, 0x5067 | std::uint64_t{1} << 55}};
  EXPECT_EQ(translate(pae_mode(), m, gva(0x80203abc), user_read).failure.error_code, pf::p | pf::rsvd | pf::us);
}

class reserved_address_bits : public testing::TestWithParam<unsigned> {};
TEST_P(reserved_address_bits, begin_at_maxphyaddr) {
  capabilities processor;
  processor.physical_bits = GetParam();
  for (unsigned bit = 30; bit < 52; ++bit) {
    flat_memory m = four_levels(0x9067 | std::uint64_t{1} << bit);
    const outcome o = translate(long_mode(), m, mapped, user_read, processor);
    EXPECT_EQ(o.mapped(), bit < processor.physical_bits) << "bit " << bit;
    EXPECT_EQ(o.failure.error_code, o.mapped() ? 0 : pf::p | pf::rsvd | pf::us);
    EXPECT_EQ(o.output.base(page_4k).value, o.mapped() ? 0x9000 | std::uint64_t{1} << bit : 0);
  }
}
INSTANTIATE_TEST_SUITE_P(widths, reserved_address_bits, testing::Values(32u, 36u, 40u, 46u, 52u));

TEST(guest_walk, xd_without_nxe_is_a_reserved_bit) {
  flat_memory m = four_levels(0x9067 | x86_entry::xd);
  paging_registers r = long_mode();
  r.efer &= ~efer::nxe;
  EXPECT_EQ(translate(r, m, mapped, user_read).failure.error_code, pf::p | pf::rsvd | pf::us);
}

TEST(guest_walk, bit_8_of_a_pml4e_and_pml5e_is_reserved_on_amd_and_ignored_on_intel) {
  capabilities amd;
  amd.maker = vendor::amd;
  flat_memory m = four_levels();
  m.qwords[0x1000] |= x86_entry::g;
  EXPECT_TRUE(translate(long_mode(), m, mapped, user_read).mapped());
  EXPECT_EQ(translate(long_mode(), m, mapped, user_read, amd).failure.error_code, pf::p | pf::rsvd | pf::us);
  paging_registers five = long_mode();
  five.cr4 |= cr4::la57;
  five.cr3 = 0x5000;
  m = four_levels();
  m.qwords[0x5000] = 0x1067 | x86_entry::g;
  EXPECT_TRUE(translate(five, m, mapped, user_read).mapped());
  EXPECT_EQ(translate(five, m, mapped, user_read, amd).failure.level, 5u);
}

TEST(guest_walk, a_large_page_reserves_the_bits_between_its_pat_bit_and_its_base) {
  for (unsigned bit = 12; bit < page_1g; ++bit) {
    flat_memory m = four_levels();
    m.qwords[0x2008] = 0x400000e7 | std::uint64_t{1} << bit;
    const outcome o = translate(long_mode(), m, mapped, user_read);
    EXPECT_EQ(o.mapped(), bit == 12) << "1 GByte, bit " << bit;
    if (bit >= page_2m) continue;
    m = four_levels();
    m.qwords[0x3008] = 0x600000e7 | std::uint64_t{1} << bit;
    EXPECT_EQ(translate(long_mode(), m, mapped, user_read).mapped(), bit == 12) << "2 MBytes, bit " << bit;
  }
}

TEST(guest_walk, the_pat_bit_of_a_large_page_is_no_address_bit) {
  flat_memory m = four_levels();
  m.qwords[0x3008] = 0x600000e7 | x86_entry::pat_large;
  EXPECT_EQ(translate(long_mode(), m, mapped, user_read).output.value, 0x60001234u);
}

TEST(guest_walk, without_gigabyte_pages_ps_in_a_pdpte_is_reserved) {
  capabilities processor;
  flat_memory m = four_levels();
  m.qwords[0x2008] = 0x400000e7;
  EXPECT_EQ(translate(long_mode(), m, mapped, user_read, processor).output.value, 0x40201234u);
  processor.gigabyte_pages = false;
  EXPECT_EQ(translate(long_mode(), m, mapped, user_read, processor).failure.error_code, pf::p | pf::rsvd | pf::us);
}

TEST(guest_walk, a_fetch_reports_id_only_with_nxe_or_smep) {
  flat_memory m = four_levels(0);
  paging_registers r = long_mode();
  EXPECT_EQ(translate(r, m, mapped, user_fetch).failure.error_code, pf::us | pf::id);
  r.efer &= ~efer::nxe;
  EXPECT_EQ(translate(r, m, mapped, user_fetch).failure.error_code, pf::us);
  r.cr4 |= cr4::smep;
  EXPECT_EQ(translate(r, m, mapped, user_fetch).failure.error_code, pf::us | pf::id);
}

TEST(guest_walk, accessed_flags_are_set_from_the_root_to_the_leaf_and_dirty_by_a_write_only) {
  flat_memory m = four_levels(0x9007);
  m.qwords[0x1000] = 0x2007;
  m.qwords[0x3008] = 0x4007;
  ASSERT_TRUE(translate(long_mode(), m, mapped, user_read).mapped());
  EXPECT_EQ(m.exchanges, (std::vector<std::uint64_t>{0x1000, 0x3008, 0x4008}));
  EXPECT_EQ(m.qwords[0x4008], 0x9027u);
  ASSERT_TRUE(translate(long_mode(), m, mapped, user_write).mapped());
  EXPECT_EQ(m.qwords[0x4008], 0x9067u);
  EXPECT_EQ(m.qwords[0x3008], 0x4027u);
}

TEST(guest_walk, a_read_of_a_clean_page_gives_a_mapping_that_is_not_dirty) {
  flat_memory m = four_levels(0x9027);
  EXPECT_FALSE(translate(long_mode(), m, mapped, user_read).page.granted.has(rights::dirty));
  EXPECT_TRUE(translate(long_mode(), m, mapped, user_write).page.granted.has(rights::dirty));
}

TEST(guest_walk, a_forbidden_access_sets_no_flag) {
  flat_memory m = four_levels(0x9005);
  m.qwords[0x1000] = 0x2007;
  EXPECT_EQ(translate(long_mode(), m, mapped, user_write).failure.error_code, pf::p | pf::wr | pf::us);
  EXPECT_TRUE(m.exchanges.empty());
}

TEST(guest_walk, a_lost_exchange_reads_the_entry_again) {
  flat_memory m = four_levels(0x9007);
  unsigned times = 0;
  m.before_exchange = [&](std::uint64_t at) {
    if (times++ == 0) m.qwords[at] = 0xa007;
  };
  const outcome o = translate(long_mode(), m, mapped, user_read);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0xa234u);
  EXPECT_EQ(m.qwords[0x4008], 0xa027u);
}

TEST(guest_walk, an_entry_withdrawn_before_its_flag_is_set_faults) {
  flat_memory m = four_levels(0x9007);
  m.before_exchange = [&](std::uint64_t at) { m.qwords[at] = 0; };
  EXPECT_EQ(translate(long_mode(), m, mapped, user_read).failure.error_code, pf::us);
  EXPECT_EQ(m.qwords[0x4008], 0u);
}

TEST(guest_walk, a_table_that_points_to_itself_ends) {
  flat_memory m;
  m.qwords[0x1000] = 0x1067;
  const outcome o = translate(long_mode(), m, gva(0x123), user_read);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0x1123u);
}

TEST(guest_walk, a_memory_error_names_stage_level_and_address) {
  flat_memory m = four_levels();
  m.fails_at = 0x3008;
  const outcome o = translate(long_mode(), m, mapped, user_read);
  EXPECT_EQ(o.failure.kind, fault_kind::memory_error);
  EXPECT_EQ(o.failure.stage, stage_kind::guest);
  EXPECT_EQ(o.failure.level, 2u);
  EXPECT_EQ(o.failure.entry.value, 0x3008u);
}

TEST(guest_walk, pat_and_the_entry_select_the_memory_type) {
  flat_memory m = four_levels(0x9067 | x86_entry::pcd);
  EXPECT_EQ(translate(long_mode(), m, mapped, kernel_read).page.type, memory_type::uc_minus);
  m = four_levels(0x9067 | x86_entry::pwt);
  EXPECT_EQ(translate(long_mode(), m, mapped, kernel_read).page.type, memory_type::wt);
}

TEST(guest_walk, the_pat_bit_of_a_large_page_is_bit_12) {
  paging_registers r = long_mode();
  r.pat = 0x0000000100000406;  // entry 4: WC
  flat_memory m = four_levels();
  m.qwords[0x3008] = 0x600000e7;
  EXPECT_EQ(translate(r, m, mapped, kernel_read).page.type, memory_type::wb);
  m.qwords[0x3008] |= x86_entry::pat_large;
  EXPECT_EQ(translate(r, m, mapped, kernel_read).page.type, memory_type::wc);
}

TEST(guest_walk, a_page_is_global_only_with_pge) {
  flat_memory m = four_levels(0x9067 | x86_entry::g);
  paging_registers r = long_mode();
  EXPECT_FALSE(translate(r, m, mapped, kernel_read).page.global);
  r.cr4 |= cr4::pge;
  EXPECT_TRUE(translate(r, m, mapped, kernel_read).page.global);
}

TEST(guest_walk, xd_at_any_level_forbids_fetches) {
  for (const std::uint64_t at : {0x1000u, 0x2008u, 0x3008u, 0x4008u}) {
    flat_memory m = four_levels();
    m.qwords[at] |= x86_entry::xd;
    EXPECT_EQ(translate(long_mode(), m, mapped, user_fetch).failure.error_code, pf::p | pf::us | pf::id);
    EXPECT_TRUE(translate(long_mode(), m, mapped, user_read).mapped());
  }
}

TEST(guest_walk, an_entry_that_is_not_present_has_no_reserved_bits) {
  for (const std::uint64_t at : {0x1000u, 0x2008u, 0x3008u, 0x4008u}) {
    flat_memory m = four_levels();
    m.qwords[at] = std::uint64_t{1} << 51 | x86_entry::ps;
    EXPECT_EQ(translate(long_mode(), m, mapped, user_read).failure.error_code, pf::us);
  }
}

TEST(guest_walk, an_upper_accessed_flag_is_set_though_the_leafs_is) {
  flat_memory m = four_levels();
  m.qwords[0x2008] = 0x3007;
  ASSERT_TRUE(translate(long_mode(), m, mapped, user_read).mapped());
  EXPECT_EQ(m.exchanges, (std::vector<std::uint64_t>{0x2008}));
}

TEST(guest_walk, protection_keys_are_for_long_mode_alone) {
  flat_memory m = four_levels();
  paging_registers r = long_mode();
  r.cr4 |= cr4::pke;
  r.pkru = 1;
  EXPECT_EQ(translate(r, m, mapped, user_read).failure.error_code, pf::p | pf::us | pf::pk);
  r = pae_mode();
  r.cr4 |= cr4::pke;
  r.pkru = 1;
  m.qwords = {{0x2000, 0x3067}, {0x3008, 0x9067}};
  EXPECT_TRUE(translate(r, m, gva(0x1234), user_read).mapped());
}

TEST(guest_walk, a_walk_begun_at_a_cached_table_reads_only_below_it_and_keeps_the_upper_rights) {
  flat_memory m = four_levels();
  m.qwords[0x1000] &= ~x86_entry::rw;
  domain c;
  c.guest = decode_guest(long_mode(), {});
  struct port {
    flat_memory& m;
    bool read(gpa at, unsigned, unsigned bytes, std::uint64_t& value) { return m.read(hpa(at.value), bytes, value); }
    exchange_result exchange(gpa at, unsigned, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
      return m.exchange(hpa(at.value), bytes, expected, desired);
    }
  };
  walk<gva, gpa> whole(c.guest, mapped, user_read);
  ASSERT_TRUE(drive(whole, 3, port{m}));
  ASSERT_EQ(whole.state(), walk_step::mapped);
  for (unsigned level = 1; level < 4; ++level) {
    m.reads.clear();
    walk<gva, gpa> rest(c.guest, mapped, user_write, whole.reached(level));
    ASSERT_TRUE(drive(rest, 3, port{m}));
    EXPECT_EQ(m.reads.size(), level);
    ASSERT_EQ(rest.state(), walk_step::faulted) << "the PML4E forbids writes";
    EXPECT_EQ(rest.why().error_code, pf::p | pf::wr | pf::us);
  }
}

}  // namespace
}  // namespace nestwalk::paging
