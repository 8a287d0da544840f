// Debug transport and DMI: from the tables as they stand, with no effect, and taken back when it no longer holds.
#include <gtest/gtest.h>

#include "mmu_machine.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;
namespace x86_entry = paging::x86_entry;
namespace ept_entry = paging::ept_entry;
using ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

constexpr std::uint64_t page = 0x40'0000;
constexpr std::uint64_t frame = 0x12'3000;
constexpr std::uint64_t last_byte = page + 0xfff;

two_stage_tables::config with_ept_flags() {
  two_stage_tables::config c;
  c.ept_accessed_dirty = true;
  return c;
}

// Debug transport.

TEST(mmu_debug, reads_and_writes_where_both_stages_lead) {
  mmu_machine m;
  m.tables.map(page, frame);
  std::uint64_t value = 0x55, back = 0;
  EXPECT_EQ(m.core.debug_write(page + 8, &value, 8), 8u);
  EXPECT_EQ(m.memory.read(m.hpa(frame) + 8), 0x55u);
  EXPECT_EQ(m.core.debug_read(page + 8, &back, 8), 8u);
  EXPECT_EQ(back, 0x55u);
}
TEST(mmu_debug, sets_no_flag_fills_nothing_and_counts_nothing) {
  mmu_machine m(with_ept_flags());
  m.tables.map(page, frame, 12, 12, leaf::x86_clean);
  m.tables.back(frame, 12, leaf::ept_clean);
  const std::uint64_t calls = m.memory.calls;
  std::uint64_t value = 1;
  EXPECT_EQ(m.core.debug_read(page, &value, 8), 8u);
  EXPECT_EQ(m.core.debug_write(page, &value, 8), 8u);
  EXPECT_EQ(m.tables.guest.read_entry(page, 1) & (x86_entry::a | x86_entry::d), 0u);
  EXPECT_EQ(m.tables.nested.read_entry(frame, 1) & (ept_entry::a | ept_entry::d), 0u);
  EXPECT_EQ(m.memory.calls, calls);
  EXPECT_EQ(m.mmu.data_counts().accesses, 0u);
  EXPECT_EQ(m.walks(), 0u);
  EXPECT_FALSE(m.hits(page));
}
TEST(mmu_debug, goes_page_by_page_and_says_how_far_it_came) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.tables.map(page + 0x1000, frame + 0x7000);
  std::vector<unsigned char> bytes(0x3000, 0xaa), seen(0x3000);
  EXPECT_EQ(m.core.debug_write(page + 0x800, bytes.data(), 0x3000), 0x1800u) << "the third page is not mapped";
  EXPECT_EQ(m.memory.read(m.hpa(frame) + 0xff8), 0xaaaaaaaaaaaaaaaau);
  EXPECT_EQ(m.memory.read(m.hpa(frame + 0x7000) + 0xff8), 0xaaaaaaaaaaaaaaaau);
  EXPECT_EQ(m.core.debug_read(page + 0x800, seen.data(), 0x1800), 0x1800u);
  EXPECT_EQ(seen[0x17ff], 0xaa);
}
TEST(mmu_debug, of_what_faults_is_0_bytes_and_never_address_0) {
  mmu_machine m(native());
  m.memory.write(0, 0x1234);
  std::uint64_t value = 0;
  EXPECT_EQ(m.core.debug_read(page, &value, 8), 0u);
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(m.core.debug_write(page, &value, 8), 0u);
  EXPECT_EQ(m.memory.read(0), 0x1234u);
}
TEST(mmu_debug, sees_an_edited_entry_at_once_though_a_tlb_holds_the_old_one) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.core.load(page);
  m.tables.map(page, frame + 0x3000);
  m.memory.write(m.hpa(frame + 0x3000), 9);
  std::uint64_t value = 0;
  m.core.debug_read(page, &value, 8);
  EXPECT_EQ(value, 9u);
  EXPECT_TRUE(m.hits(page));
  EXPECT_EQ(m.core.value, 0u) << "the timed access still goes by the TLB";
}
TEST(mmu_debug, writes_what_is_mapped_read_only) {
  mmu_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86 & ~x86_entry::rw);
  std::uint64_t value = 0xcc;
  EXPECT_EQ(m.core.debug_write(page, &value, 1), 1u);
  EXPECT_EQ(m.memory.read(m.hpa(frame)), 0xccu);
}

// DMI: what is granted.

struct dmi_machine : mmu_machine {
  explicit dmi_machine(const two_stage_tables::config& t = {}) : mmu_machine(t) { memory.grants_dmi = true; }
  tlm::tlm_dmi grant;
  bool ask(std::uint64_t at, bool write = false, access_mode mode = access_mode::user, bool keyed = false) {
    return core.dmi(at, write, grant, mode, keyed);
  }
  const ranges& taken() { return core.data.taken_back; }
};

TEST(mmu_dmi, grants_nothing_that_is_to_be_metered_as_translation_counts_too) {
  dmi_machine m;
  m.tables.map(page, frame);
  EXPECT_FALSE(m.core.metered_dmi(page, m.grant));
  EXPECT_TRUE(m.grant.is_none_allowed());
  EXPECT_EQ(m.mmu.data_counts().dmi_grants, 0u);
}

TEST(mmu_dmi, grants_the_page_of_both_stages_at_linear_addresses) {
  dmi_machine m;
  m.tables.map(page, frame);
  ASSERT_TRUE(m.ask(page + 0x123));
  EXPECT_EQ(m.grant.get_start_address(), page);
  EXPECT_EQ(m.grant.get_end_address(), last_byte);
  EXPECT_EQ(m.grant.get_dmi_ptr(), m.memory.at(m.hpa(frame)));
  EXPECT_TRUE(m.grant.is_read_write_allowed());
  EXPECT_EQ(m.grant.get_read_latency(), m.memory.latency);
}
TEST(mmu_dmi, of_a_large_page_is_cut_to_what_memory_grants) {
  dmi_machine m;
  m.tables.map(0x4000'0000, 0x2000'0000, 21, 21);
  ASSERT_TRUE(m.ask(0x4000'5678));
  EXPECT_EQ(m.grant.get_start_address(), 0x4000'5000u);
  EXPECT_EQ(m.grant.get_end_address(), 0x4000'5fffu);
  EXPECT_EQ(m.grant.get_dmi_ptr(), m.memory.at(m.hpa(0x2000'5000)));
}
TEST(mmu_dmi, restores_the_payloads_address) {
  dmi_machine m;
  m.tables.map(page, frame);
  protocol::owned_payload p;
  std::uint64_t value = 0;
  auto& payload = p.read(page + 0x40, &value, 8);
  payload.set_address(page + 0x40);
  EXPECT_TRUE(m.core.data.socket->get_direct_mem_ptr(payload, m.grant));
  EXPECT_EQ(payload.get_address(), page + 0x40);
  payload.set_address(page + 0x5040);
  EXPECT_FALSE(m.core.data.socket->get_direct_mem_ptr(payload, m.grant));
  EXPECT_EQ(payload.get_address(), page + 0x5040);
}
TEST(mmu_dmi, grants_nothing_of_what_faults) {
  dmi_machine m;
  EXPECT_FALSE(m.ask(page + 8));
  EXPECT_TRUE(m.grant.is_none_allowed());
  EXPECT_LE(m.grant.get_start_address(), page + 8);
  EXPECT_GE(m.grant.get_end_address(), page + 8);
  EXPECT_EQ(m.walks(), 0u);
}
TEST(mmu_dmi, grants_nothing_that_memory_refuses) {
  dmi_machine m;
  m.memory.grants_dmi = false;
  m.tables.map(page, frame);
  EXPECT_FALSE(m.ask(page));
  EXPECT_TRUE(m.grant.is_none_allowed());
}
TEST(mmu_dmi, grants_nothing_before_the_guests_accessed_flags_are_set) {
  dmi_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86_clean);
  EXPECT_FALSE(m.ask(page));
  EXPECT_EQ(m.tables.guest.read_entry(page, 1) & x86_entry::a, 0u);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_TRUE(m.ask(page));
}
TEST(mmu_dmi, grants_nothing_before_the_nested_accessed_flags_are_set) {
  dmi_machine m(with_ept_flags());
  m.tables.map(page, frame);
  m.tables.back(frame, 12, leaf::ept_clean);
  EXPECT_FALSE(m.ask(page));
  EXPECT_TRUE(m.core.load(page));
  EXPECT_TRUE(m.ask(page));
}
TEST(mmu_dmi, grants_no_write_before_the_guests_dirty_flag_is_set) {
  dmi_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86_clean | x86_entry::a);
  EXPECT_FALSE(m.ask(page, true));
  ASSERT_TRUE(m.ask(page));
  EXPECT_FALSE(m.grant.is_write_allowed());
  EXPECT_TRUE(m.core.store(page, 1));
  EXPECT_TRUE(m.ask(page, true));
}
TEST(mmu_dmi, grants_no_write_before_the_nested_dirty_flag_is_set) {
  dmi_machine m(with_ept_flags());
  m.tables.map(page, frame);
  m.tables.back(frame, 12, leaf::ept_clean | ept_entry::a);
  EXPECT_FALSE(m.ask(page, true));
  EXPECT_TRUE(m.ask(page));
  EXPECT_FALSE(m.grant.is_write_allowed());
  EXPECT_TRUE(m.core.store(page, 1));
  EXPECT_TRUE(m.ask(page, true));
}
TEST(mmu_dmi, grants_the_rights_of_the_entries) {
  dmi_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86 & ~x86_entry::rw);
  ASSERT_TRUE(m.ask(page));
  EXPECT_FALSE(m.grant.is_write_allowed());
  EXPECT_FALSE(m.ask(page, true));
  m.tables.map(page, frame);
  m.tables.back(frame, 12, leaf::ept & ~ept_entry::w);
  ASSERT_TRUE(m.ask(page));
  EXPECT_FALSE(m.grant.is_write_allowed());
}
TEST(mmu_dmi, grants_a_user_no_supervisor_page) {
  dmi_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86 & ~x86_entry::us);
  EXPECT_FALSE(m.ask(page));
  EXPECT_TRUE(m.ask(page, false, access_mode::supervisor));
}
TEST(mmu_dmi, grants_fetches_by_the_right_to_execute_and_never_writes) {
  dmi_machine m;
  m.tables.map(page, frame);
  ASSERT_TRUE(m.core.dmi(page, false, m.grant, access_mode::user, false, side::fetch));
  EXPECT_FALSE(m.grant.is_write_allowed());
  m.tables.map(page, frame, 12, 12, leaf::x86 | x86_entry::xd);
  EXPECT_FALSE(m.core.dmi(page, false, m.grant, access_mode::user, false, side::fetch));
}

// DMI: what is taken back.

struct granted_machine : dmi_machine {
  explicit granted_machine(bool keyed = false, const two_stage_tables::config& t = {}) : dmi_machine(t) {
    tables.map(page, frame);
    tables.map(page + 0x1000, frame + 0x1000);
    core.write_register(control_register::cr4, core.read_register(control_register::cr4) | paging::cr4::pcide);
    EXPECT_TRUE(ask(page, false, access_mode::user, keyed));
    EXPECT_TRUE(ask(page + 0x1000, false, access_mode::user, keyed));
  }
  const ranges first_only{{page, last_byte}};
  const ranges both{{page, last_byte}, {page + 0x1000, last_byte + 0x1000}};
};

TEST(mmu_dmi, invlpg_takes_back_exactly_its_page_though_no_tlb_holds_it) {
  granted_machine m;
  m.core.invlpg(page + 0x10);
  EXPECT_EQ(m.taken(), m.first_only);
  m.core.invlpg(page + 0x10);
  EXPECT_EQ(m.taken(), m.first_only) << "what was taken back is taken back once";
}
TEST(mmu_dmi, invlpg_takes_back_every_grant_in_the_guests_large_page) {
  dmi_machine m;
  m.tables.map(0x4000'0000, 0x2000'0000, 21, 12);
  ASSERT_TRUE(m.ask(0x4000'1000));
  ASSERT_TRUE(m.ask(0x4000'3000));
  m.core.invlpg(0x401f'f000);
  EXPECT_EQ(m.taken(), (ranges{{0x4000'1000, 0x4000'1fff}, {0x4000'3000, 0x4000'3fff}}));
}
TEST(mmu_dmi, a_table_store_takes_back_nothing) {
  granted_machine m;
  m.tables.map(page, frame + 0x5000);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_TRUE(m.taken().empty());
}
TEST(mmu_dmi, a_change_of_cr3_takes_back_all_grants_not_keyed_by_context) {
  granted_machine m;
  m.core.write_register(control_register::cr3, m.tables.guest.root() | 7 | paging::cr3::no_flush);
  EXPECT_EQ(m.taken(), m.both);
}
TEST(mmu_dmi, grants_keyed_by_context_stay_over_a_change_of_pcid) {
  granted_machine m(true);
  m.core.write_register(control_register::cr3, m.tables.guest.root() | 7 | paging::cr3::no_flush);
  EXPECT_TRUE(m.taken().empty());
}
TEST(mmu_dmi, grants_keyed_by_context_go_with_an_invalidation_of_that_context) {
  granted_machine m(true);
  m.core.write_register(control_register::cr3, m.tables.guest.root() | 7 | paging::cr3::no_flush);
  sc_core::sc_time spent;
  m.core.control->invpcid(paging::invpcid_type::single_context, 7, {}, spent);
  EXPECT_TRUE(m.taken().empty()) << "another PCID's";
  m.core.control->invpcid(paging::invpcid_type::single_context, 0, {}, spent);
  EXPECT_EQ(m.taken(), m.both);
}
TEST(mmu_dmi, a_change_of_vpid_or_eptp_takes_grants_back) {
  granted_machine m;
  auto controls = m.tables.controls();
  controls.vpid = 4;
  m.enter(controls);
  EXPECT_EQ(m.taken(), m.both);
}
TEST(mmu_dmi, a_vm_entry_that_changes_nothing_takes_nothing_back) {
  granted_machine m;
  m.enter(m.tables.controls());
  EXPECT_TRUE(m.taken().empty());
}
TEST(mmu_dmi, turning_paging_off_takes_grants_back) {
  dmi_machine m;
  m.tables.map(page, frame);
  ASSERT_TRUE(m.ask(page));
  m.core.write_register(control_register::cr0, paging::cr0::pe);
  EXPECT_EQ(m.taken().size(), 1u);
}
TEST(mmu_dmi, invept_takes_combined_grants_back) {
  granted_machine m(true);
  sc_core::sc_time spent;
  m.core.control->invept(paging::invept_type::single_context, m.tables.eptp(), spent);
  EXPECT_EQ(m.taken(), m.both);
}
TEST(mmu_dmi, smap_takes_back_what_a_supervisor_may_no_longer_read) {
  dmi_machine m;
  m.tables.map(page, frame);
  m.tables.map(page + 0x1000, frame, 12, 12, leaf::x86 & ~x86_entry::us);
  ASSERT_TRUE(m.ask(page, false, access_mode::supervisor));
  ASSERT_TRUE(m.ask(page + 0x1000, false, access_mode::supervisor));
  m.core.write_register(control_register::cr4, m.core.read_register(control_register::cr4) | paging::cr4::smap);
  EXPECT_EQ(m.taken(), (ranges{{page, last_byte}}));
}
TEST(mmu_dmi, write_protection_takes_back_a_supervisors_write_grant) {
  dmi_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86 & ~x86_entry::rw);
  m.core.write_register(control_register::cr0, m.core.read_register(control_register::cr0) & ~paging::cr0::wp);
  ASSERT_TRUE(m.ask(page, true, access_mode::supervisor));
  m.core.write_register(control_register::cr0, m.core.read_register(control_register::cr0) | paging::cr0::wp);
  EXPECT_EQ(m.taken(), (ranges{{page, last_byte}}));
}
TEST(mmu_dmi, pkru_takes_back_what_its_key_denies) {
  dmi_machine m;
  m.core.write_register(control_register::cr4, m.core.read_register(control_register::cr4) | paging::cr4::pke);
  m.tables.map(page, frame, 12, 12, leaf::x86 | std::uint64_t{3} << x86_entry::key_shift);
  m.tables.map(page + 0x1000, frame);
  ASSERT_TRUE(m.ask(page));
  ASSERT_TRUE(m.ask(page + 0x1000));
  m.core.write_register(control_register::pkru, 1u << 6);
  EXPECT_EQ(m.taken(), (ranges{{page, last_byte}}));
}
TEST(mmu_dmi, an_access_at_another_privilege_takes_back_what_that_may_not_do) {
  dmi_machine m;
  m.tables.map(page, frame);
  m.tables.map(page + 0x1000, frame, 12, 12, leaf::x86 & ~x86_entry::us);
  ASSERT_TRUE(m.ask(page + 0x1000, false, access_mode::supervisor));
  ASSERT_TRUE(m.ask(page, false, access_mode::supervisor));
  EXPECT_TRUE(m.core.run(page, access_mode::user)) << "seen on the fetch side";
  EXPECT_EQ(m.taken(), (ranges{{page + 0x1000, last_byte + 0x1000}}));
}
TEST(mmu_dmi, what_memory_takes_back_is_taken_back_at_linear_addresses) {
  granted_machine m(true);
  ASSERT_TRUE(m.core.dmi(page, false, m.grant, access_mode::user, true, side::fetch));
  m.memory.take_back(m.hpa(frame) + 0x800, m.hpa(frame) + 0x900);
  EXPECT_EQ(m.taken(), m.first_only);
  EXPECT_EQ(m.core.fetch.taken_back, m.first_only);
}
TEST(mmu_dmi, what_is_mapped_twice_is_taken_back_twice) {
  granted_machine m(true);
  m.tables.map(page + 0x8000, frame);
  ASSERT_TRUE(m.ask(page + 0x8000));
  m.memory.take_back(m.hpa(frame), m.hpa(frame));
  EXPECT_EQ(m.taken(), (ranges{{page, last_byte}, {page + 0x8000, last_byte + 0x8000}}));
}

}  // namespace
