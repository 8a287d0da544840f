// What register writes are refused, and what they decode to.
#include <gtest/gtest.h>

#include "mmu_machine.h"
#include "nestwalk/protocol/error.h"
#include "support/fake_translator.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;
namespace cr0 = paging::cr0;
namespace cr4 = paging::cr4;
namespace efer = paging::efer;

constexpr std::uint64_t page = 0x40'0000;
constexpr std::uint64_t frame = 0x12'3000;

bool refuses(mmu_machine& m, control_register which, std::uint64_t value) {
  const std::uint64_t before = m.core.read_register(which);
  const bool refused = !m.core.write_register(which, value);
  EXPECT_TRUE(!refused || m.core.read_register(which) == before) << "a refused write changes nothing";
  return refused;
}

TEST(mmu_registers, cr0_refuses_paging_without_protection_and_upper_bits) {
  mmu_machine m;
  EXPECT_TRUE(refuses(m, control_register::cr0, cr0::pg));
  EXPECT_TRUE(refuses(m, control_register::cr0, cr0::pg | cr0::pe | std::uint64_t{1} << 32));
  EXPECT_TRUE(refuses(m, control_register::cr0, cr0::pg | cr0::pe | cr0::nw));
  EXPECT_EQ(m.core.control->why_refused().kind, fault_kind::general_protection);
}
TEST(mmu_registers, cr3_refuses_bits_beyond_the_physical_address) {
  mmu_machine m;
  EXPECT_TRUE(refuses(m, control_register::cr3, std::uint64_t{1} << 46));
  EXPECT_TRUE(refuses(m, control_register::cr3, m.tables.guest.root() | paging::cr3::no_flush))
      << "bit 63 is reserved without PCIDs";
}
TEST(mmu_registers, cr4_refuses_pcids_over_a_pcid_and_a_change_of_levels_in_long_mode) {
  mmu_machine m;
  const std::uint64_t now = m.core.read_register(control_register::cr4);
  EXPECT_TRUE(refuses(m, control_register::cr4, now & ~cr4::pae));
  EXPECT_TRUE(refuses(m, control_register::cr4, now ^ cr4::la57));
  EXPECT_TRUE(refuses(m, control_register::cr4, now | std::uint64_t{1} << 23)) << "CET is not modelled";
  m.core.write_register(control_register::cr3, m.tables.guest.root() | 5);
  EXPECT_TRUE(refuses(m, control_register::cr4, now | cr4::pcide));
}
TEST(mmu_registers, paging_cannot_be_turned_off_while_pcids_are_on) {
  mmu_machine m;
  m.core.write_register(control_register::cr4, m.core.read_register(control_register::cr4) | cr4::pcide);
  EXPECT_TRUE(refuses(m, control_register::cr0, cr0::pe));
}
TEST(mmu_registers, efer_refuses_a_change_of_lme_under_paging_and_keeps_lma_its_own) {
  mmu_machine m;
  EXPECT_TRUE(refuses(m, control_register::efer, efer::nxe));
  EXPECT_TRUE(refuses(m, control_register::efer, m.core.read_register(control_register::efer) | 1u << 20));
  EXPECT_TRUE(m.core.write_register(control_register::efer, efer::lme | efer::nxe));
  EXPECT_NE(m.core.read_register(control_register::efer) & efer::lma, 0u);
}
TEST(mmu_registers, pat_and_key_registers_refuse_what_is_reserved) {
  mmu_machine m;
  EXPECT_TRUE(refuses(m, control_register::pat, 0x02));
  EXPECT_TRUE(refuses(m, control_register::pkru, std::uint64_t{1} << 32));
  EXPECT_TRUE(refuses(m, control_register::pkrs, std::uint64_t{1} << 32));
  EXPECT_TRUE(m.core.write_register(control_register::pat, 0x0606060606060606));
}
TEST(mmu_registers, vm_entry_refuses_an_invalid_eptp_and_vpid_0) {
  mmu_machine m;
  sc_core::sc_time spent;
  auto controls = m.tables.controls();
  controls.ept.eptp |= 1;
  EXPECT_THROW(m.core.control->load_controls(controls, spent), input_error);
  controls = m.tables.controls();
  controls.vpid = 0;
  EXPECT_THROW(m.core.control->load_controls(controls, spent), input_error);
}
TEST(mmu_registers, a_machine_without_a_second_stage_refuses_nested_paging) {
  mmu::mmu_config c = small_mmu();
  c.nested = false;
  mmu_machine m(native(), c);
  sc_core::sc_time spent;
  auto controls = m.tables.controls();
  controls.nested_paging = true;
  controls.ept.eptp = 0x1e;
  EXPECT_THROW(m.core.control->load_controls(controls, spent), input_error);
}
TEST(mmu_registers, register_writes_and_invalidations_take_time) {
  mmu_machine m;
  const std::uint64_t cr3 = m.core.read_register(control_register::cr3);
  m.core.write_register(control_register::cr3, cr3);
  EXPECT_EQ(m.core.delay, sc_core::sc_time(small_mmu().register_write_cycles, sc_core::SC_NS));
  m.core.write_register(control_register::pkru, 0);
  EXPECT_EQ(m.core.delay, sc_core::SC_ZERO_TIME);
  m.core.invlpg(page);
  EXPECT_EQ(m.core.delay, sc_core::sc_time(small_mmu().invalidation_cycles, sc_core::SC_NS));
}

TEST(mmu_registers, write_protection_is_judged_on_cached_pages) {
  mmu_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86 & ~paging::x86_entry::rw);
  EXPECT_FALSE(m.core.store(page, 1, access_mode::supervisor));
  m.core.write_register(control_register::cr0, m.core.read_register(control_register::cr0) & ~cr0::wp);
  EXPECT_TRUE(m.core.store(page, 1, access_mode::supervisor));
  EXPECT_TRUE(m.core.store(page, 1, access_mode::supervisor));
  m.core.write_register(control_register::cr0, m.core.read_register(control_register::cr0) | cr0::wp);
  EXPECT_FALSE(m.core.store(page, 1, access_mode::supervisor));
}

TEST(mmu_registers, with_paging_off_linear_addresses_are_guest_physical) {
  mmu_machine m;
  m.tables.back(frame, 12);
  m.memory.write(m.hpa(frame), 99);
  m.core.write_register(control_register::cr0, cr0::pe);
  EXPECT_TRUE(m.core.load(frame));
  EXPECT_EQ(m.core.value, 99u);
  EXPECT_TRUE(m.core.load(frame | std::uint64_t{1} << 32)) << "32 bits of linear address count";
  EXPECT_EQ(m.core.value, 99u);
  EXPECT_FALSE(m.core.load(frame + 0x1000));
  EXPECT_EQ(m.core.fault.kind, fault_kind::ept_violation);
}

TEST(mmu_registers, under_npt_the_hosts_registers_form_the_second_stage) {
  two_stage_tables::config npt;
  npt.format = paging::nested_kind::npt;
  mmu_machine m(npt);
  m.tables.map(page, frame);
  m.memory.write(m.hpa(frame), 7);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_EQ(m.core.value, 7u);
  m.tables.guest.map(page + 0x1000, frame + 0x8000, 12, leaf::x86);
  EXPECT_FALSE(m.core.load(page + 0x1000));
  EXPECT_EQ(m.core.fault.kind, fault_kind::nested_page_fault);
}

TEST(mmu_external_walker, is_asked_through_the_socket) {
  mmu::mmu_config c = small_mmu();
  c.walker = mmu::walker_choice::external;
  test_memory memory("memory");
  test_core core("core");
  mmu::mmu mmu("mmu", c);
  fake_translator<paging::gva> walker("walker");
  core.fetch.socket.bind(mmu.fetch);
  core.data.socket.bind(mmu.data);
  core.control.bind(mmu.control);
  mmu.fetch_memory.bind(memory.socket);
  mmu.data_memory.bind(memory.socket);
  mmu.external_walker.bind(walker.requests);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  walker.map(page, frame);
  memory.write(frame + 8, 11);
  EXPECT_TRUE(core.load(page + 8));
  EXPECT_EQ(core.value, 11u);
  EXPECT_TRUE(core.run(page));
  EXPECT_EQ(walker.asked, 1u) << "the L2 TLB answers the fetch";
  core.invlpg(page);
  EXPECT_EQ(walker.invalidations, 1u);
}

TEST(mmu_external_walker, serves_both_sides_without_an_l2_tlb) {
  mmu::mmu_config c = mmu_without_tlbs();
  c.walker = mmu::walker_choice::external;
  test_memory memory("memory");
  test_core core("core");
  mmu::mmu mmu("mmu", c);
  fake_translator<paging::gva> walker("walker");
  core.fetch.socket.bind(mmu.fetch);
  core.data.socket.bind(mmu.data);
  core.control.bind(mmu.control);
  mmu.fetch_memory.bind(memory.socket);
  mmu.data_memory.bind(memory.socket);
  mmu.external_walker.bind(walker.requests);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  walker.map(page, frame);
  EXPECT_TRUE(core.load(page));
  EXPECT_TRUE(core.run(page));
  EXPECT_EQ(walker.asked, 2u);
}

}  // namespace
