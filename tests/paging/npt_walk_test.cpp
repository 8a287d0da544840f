// The second stage in NPT format, by AMD's rules.
#include <gtest/gtest.h>

#include "flat_memory.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::paging {
namespace {

using test::flat_memory;

constexpr gpa mapped{0x40201234};

nested_access data(access_type type) {
  return {type, purpose::data_page, true, rights{}, gva{0x7000'0234}};
}
nested_access table() {
  return {access_type::read, purpose::table_entry, true, rights{}, gva{0x7000'0234}};
}

outcome translate(const domain& c, flat_memory& m, gpa in, const nested_access& a) {
  return two_stage_walk<flat_memory>(c, m).translate(in, a);
}

paging_registers host_registers() {
  paging_registers host;
  host.cr0 = cr0::pe | cr0::pg | cr0::wp;
  host.cr4 = cr4::pae;
  host.efer = efer::lme | efer::lma | efer::nxe;
  host.cr3 = 0x1000;
  return host;
}
domain npt_under(const paging_registers& host, const capabilities& processor = {}) {
  domain c;
  c.nested_on = true;
  c.nested = decode_npt(host, processor);
  return c;
}
domain npt_context(std::uint64_t host_efer = efer::lme | efer::lma | efer::nxe) {
  paging_registers host = host_registers();
  host.efer = host_efer;
  return npt_under(host);
}

flat_memory npt_tables(std::uint64_t leaf = 0x9067) {
  flat_memory m;
  m.qwords = {{0x1000, 0x2067}, {0x2008, 0x3067}, {0x3008, 0x4067}, {0x4008, leaf}};
  return m;
}

TEST(npt_walk, every_access_is_a_user_access) {
  flat_memory m = npt_tables(0x9063);
  const outcome o = translate(npt_context(), m, mapped, data(access_type::read));
  EXPECT_EQ(o.failure.kind, fault_kind::nested_page_fault);
  EXPECT_EQ(o.failure.qualification, npf::final_address | pf::p | pf::us);
  EXPECT_EQ(o.failure.guest_physical, mapped);
}

TEST(npt_walk, a_guest_table_access_is_a_write) {
  flat_memory m = npt_tables(0x9025);
  EXPECT_TRUE(translate(npt_context(), m, mapped, data(access_type::read)).mapped());
  EXPECT_EQ(translate(npt_context(), m, mapped, table()).failure.qualification,
            npf::guest_tables | pf::p | pf::wr | pf::us);
  m = npt_tables(0x9007);
  ASSERT_TRUE(translate(npt_context(), m, mapped, table()).mapped());
  EXPECT_EQ(m.qwords[0x4008], 0x9067u);
}

TEST(npt_walk, a_fetch_is_reported_only_where_the_host_has_nxe_or_smep) {
  flat_memory m = npt_tables(0);
  EXPECT_NE(translate(npt_context(), m, mapped, data(access_type::fetch)).failure.qualification & pf::id, 0u);
  const domain c = npt_context(efer::lme | efer::lma);
  EXPECT_EQ(translate(c, m, mapped, data(access_type::fetch)).failure.qualification & pf::id, 0u);
}

TEST(npt_walk, a_guest_physical_address_beyond_the_tables_is_a_nested_page_fault) {
  capabilities processor;
  processor.physical_bits = 52;
  flat_memory m = npt_tables();
  const outcome o = translate(npt_context(), m, gpa(std::uint64_t{1} << 48), data(access_type::write));
  EXPECT_EQ(o.failure.qualification, npf::final_address | pf::wr | pf::us);
  EXPECT_TRUE(m.reads.empty());
}

TEST(npt_walk, does_not_ask_the_hosts_wp_smep_smap_and_keys) {
  paging_registers host = host_registers();
  host.cr0 &= ~std::uint64_t{cr0::wp};
  host.cr4 |= cr4::smep | cr4::smap | cr4::pke;
  host.pkru = 0xffffffff;
  flat_memory m = npt_tables();
  for (const access_type type : {access_type::read, access_type::write, access_type::fetch})
    EXPECT_TRUE(translate(npt_under(host), m, mapped, data(type)).mapped());
  m = npt_tables(0x9065);
  EXPECT_FALSE(translate(npt_under(host), m, mapped, data(access_type::write)).mapped()) << "read-only, whatever WP";
}
TEST(npt_walk, a_reserved_bit_is_a_nested_page_fault_that_says_so) {
  flat_memory m = npt_tables(0x9067 | std::uint64_t{1} << 46);
  const fault f = translate(npt_context(), m, mapped, data(access_type::read)).failure;
  EXPECT_EQ(f.kind, fault_kind::nested_page_fault);
  EXPECT_EQ(f.qualification, npf::final_address | pf::p | pf::rsvd | pf::us);
  EXPECT_EQ(f.linear.value, 0u) << "no linear address is reported";
}
TEST(npt_walk, bit_8_of_a_pml4e_is_reserved) {
  flat_memory m = npt_tables();
  m.qwords[0x1000] |= x86_entry::g;
  EXPECT_EQ(translate(npt_context(), m, mapped, data(access_type::read)).failure.qualification,
            npf::final_address | pf::p | pf::rsvd | pf::us);
}
TEST(npt_walk, xd_is_reserved_where_the_host_has_no_nxe) {
  flat_memory m = npt_tables(0x9067 | x86_entry::xd);
  EXPECT_TRUE(translate(npt_context(), m, mapped, data(access_type::read)).mapped());
  EXPECT_FALSE(translate(npt_context(), m, mapped, data(access_type::fetch)).mapped());
  const domain c = npt_context(efer::lme | efer::lma);
  EXPECT_EQ(translate(c, m, mapped, data(access_type::read)).failure.qualification,
            npf::final_address | pf::p | pf::rsvd | pf::us);
}
TEST(npt_walk, without_gigabyte_pages_ps_in_a_pdpte_is_reserved) {
  capabilities processor;
  processor.gigabyte_pages = false;
  flat_memory m = npt_tables();
  m.qwords[0x2008] = 0x400000e7;
  EXPECT_TRUE(translate(npt_context(), m, mapped, data(access_type::read)).mapped());
  EXPECT_EQ(translate(npt_under(host_registers(), processor), m, mapped, data(access_type::read)).failure.qualification,
            npf::final_address | pf::p | pf::rsvd | pf::us);
}
TEST(npt_walk, flags_are_always_on) {
  flat_memory m = npt_tables(0x9007);
  m.qwords[0x3008] = 0x4007;
  ASSERT_TRUE(translate(npt_context(), m, mapped, data(access_type::write)).mapped());
  EXPECT_EQ(m.qwords[0x3008], 0x4027u);
  EXPECT_EQ(m.qwords[0x4008], 0x9067u);
}

// A PAE guest with its PDPTEs at 0x8020 in identity NPT tables of 4-KByte pages; gva 0x40201234 goes to 0xc234.
domain pae_under_npt() {
  domain c = npt_context();
  paging_registers guest;
  guest.cr0 = cr0::pe | cr0::pg | cr0::wp;
  guest.cr4 = cr4::pae;
  guest.efer = efer::nxe;
  guest.cr3 = 0x8020;
  c.guest = decode_guest(guest, {}, &c.nested);
  return c;
}
flat_memory pae_tables() {
  flat_memory m;
  m.qwords = {{0x1000, 0x2067}, {0x2000, 0x3067}, {0x3000, 0x4067}};
  for (std::uint64_t page = 8; page < 16; ++page) m.qwords[0x4000 + page * 8] = page << 12 | 0x27;
  m.qwords[0x8028] = 0x9001;
  m.qwords[0x9008] = 0xa007;
  m.qwords[0xa008] = 0xc007;
  return m;
}
outcome translate(const domain& c, flat_memory& m, gva in, access a) {
  return two_stage_walk<flat_memory>(c, m).translate(in, a);
}
constexpr gva in_pae{0x40201234};
constexpr access user_store{access_type::write, access_mode::user};

TEST(npt_walk, of_a_pae_guest_reads_the_pdpte_and_takes_no_right_and_no_flag_from_it) {
  flat_memory m = pae_tables();
  const outcome o = translate(pae_under_npt(), m, in_pae, user_store);
  ASSERT_TRUE(o.mapped());
  EXPECT_EQ(o.output.value, 0xc234u);
  EXPECT_TRUE(o.page.granted.has(rights::writable | rights::user | rights::executable));
  EXPECT_EQ(m.qwords[0x8028], 0x9001u) << "a PDPTE has no accessed flag";
  EXPECT_EQ(m.qwords[0x9008], 0xa027u);
  EXPECT_EQ(m.qwords[0xa008], 0xc067u);
  EXPECT_EQ(m.qwords[0x4040], 0x8067u) << "the nested page of the PDPTEs is written as guest tables are";
}
TEST(npt_walk, of_a_pae_guest_ignores_bits_4_to_0_of_cr3) {
  flat_memory m = pae_tables();
  domain c = pae_under_npt();
  paging_registers guest;
  guest.cr0 = cr0::pe | cr0::pg;
  guest.cr4 = cr4::pae;
  guest.cr3 = 0x803f;
  c.guest = decode_guest(guest, {}, &c.nested);
  EXPECT_TRUE(translate(c, m, in_pae, user_store).mapped());
}
TEST(npt_walk, of_a_pae_guest_may_begin_below_the_pdpte_with_every_right) {
  flat_memory m = pae_tables();
  const domain c = pae_under_npt();
  walk<gva, gpa> w(c.guest, in_pae, user_store);
  EXPECT_EQ(w.level(), 3u);
  EXPECT_EQ(w.entry().value, 0x8028u);
  w.value(0x9001);
  w.value(0xa027);
  w.value(0xc067);
  ASSERT_EQ(w.state(), walk_step::mapped);
  EXPECT_EQ(w.reached(2).gathered & (x86_entry::rw | x86_entry::us | x86_entry::a),
            x86_entry::rw | x86_entry::us | x86_entry::a);
  EXPECT_EQ(w.reached(2).table.value, 0x9000u);
}
class pdpte_bits : public testing::TestWithParam<unsigned> {};
TEST_P(pdpte_bits, that_are_reserved_fault_the_walk_where_it_is_present) {
  flat_memory m = pae_tables();
  m.qwords[0x8028] |= std::uint64_t{1} << GetParam();
  const outcome o = translate(pae_under_npt(), m, in_pae, user_store);
  EXPECT_EQ(o.failure.kind, fault_kind::page_fault);
  EXPECT_EQ(o.failure.error_code, pf::p | pf::rsvd | pf::us | pf::wr);
  EXPECT_EQ(o.failure.level, 3u);
  m.qwords[0x8028] &= ~std::uint64_t{1};
  EXPECT_EQ(translate(pae_under_npt(), m, in_pae, user_store).failure.error_code, pf::us | pf::wr);
}
INSTANTIATE_TEST_SUITE_P(npt, pdpte_bits, testing::Values(1, 2, 5, 6, 7, 8, 46, 51, 52, 62, 63));

}  // namespace
}  // namespace nestwalk::paging
