// PAE paging: registers that hold the PDPTEs, or, under AMD's nested paging, walks that read them.
#include <gtest/gtest.h>

#include "mmu_machine.h"
#include "nestwalk/protocol/error.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;
namespace cr0 = paging::cr0;
namespace efer = paging::efer;

constexpr std::uint64_t frame = 0x12'3000;

bool refuses(mmu_machine& m, control_register which, std::uint64_t value) {
  const std::uint64_t before = m.core.read_register(which);
  const bool refused = !m.core.write_register(which, value);
  EXPECT_TRUE(!refused || m.core.read_register(which) == before) << "a refused write changes nothing";
  return refused;
}

// PAE: a directory-pointer table of four entries at guest-physical `pdpt`, one page directory, one table.
struct pae_machine : mmu_machine {
  static constexpr std::uint64_t pdpt = 0x7020, directory = 0x8000, table = 0x9000;
  explicit pae_machine(const two_stage_tables::config& t = {}, const mmu::mmu_config& c = small_mmu())
      : mmu_machine(t, c) {
    for (const std::uint64_t at : {std::uint64_t{0x7000}, directory, table, frame}) tables.back(at, 12);
    memory.write(hpa(pdpt) + 8, directory | 1);  // the second GByte
    memory.write(hpa(directory), table | leaf::x86);
    memory.write(hpa(table) + 8, frame | leaf::x86);
  }
  void leave_long_mode() {
    core.write_register(control_register::cr0, cr0::pe);
    core.write_register(control_register::efer, efer::nxe);
  }
  bool enter_pae() {
    leave_long_mode();
    core.write_register(control_register::cr3, pdpt);
    return core.write_register(control_register::cr0, cr0::pe | cr0::pg | cr0::wp);
  }
  static constexpr std::uint64_t linear = 0x4000'1000;
};

TEST(mmu_pae, turning_paging_on_loads_the_four_registers_through_the_second_stage) {
  pae_machine m;
  m.memory.write(m.hpa(frame), 42);
  ASSERT_TRUE(m.enter_pae());
  EXPECT_TRUE(m.core.load(m.linear));
  EXPECT_EQ(m.core.value, 42u);
  EXPECT_FALSE(m.core.load(0x1000)) << "the first GByte has no PDPTE";
  EXPECT_EQ(m.core.fault.kind, fault_kind::page_fault);
}
TEST(mmu_pae, an_edited_pdpte_counts_only_once_cr3_is_loaded) {
  pae_machine m;
  ASSERT_TRUE(m.enter_pae());
  m.memory.write(m.hpa(m.pdpt), m.directory | 1);
  EXPECT_FALSE(m.core.load(0x1000));
  m.core.write_register(control_register::cr3, m.pdpt);
  EXPECT_TRUE(m.core.load(0x1000));
}
TEST(mmu_pae, a_reserved_bit_in_a_present_pdpte_refuses_the_load) {
  pae_machine m;
  ASSERT_TRUE(m.enter_pae());
  m.memory.write(m.hpa(m.pdpt) + 16, 1 | 2);
  EXPECT_TRUE(refuses(m, control_register::cr3, m.pdpt));
  EXPECT_EQ(m.core.control->why_refused().kind, fault_kind::general_protection);
  m.memory.write(m.hpa(m.pdpt) + 16, 2);
  EXPECT_TRUE(m.core.write_register(control_register::cr3, m.pdpt)) << "one that is not present is not checked";
}
TEST(mmu_pae, a_second_stage_that_does_not_map_the_pdptes_is_an_ept_violation_without_a_linear_address) {
  pae_machine m;
  ASSERT_TRUE(m.enter_pae());
  m.core.write_register(control_register::cr3, 0x5'0000);
  const paging::fault why = m.core.control->why_refused();
  EXPECT_EQ(why.kind, fault_kind::ept_violation);
  EXPECT_EQ(why.qualification, paging::ept_qualification::read);
  EXPECT_EQ(why.guest_physical.value, 0x5'0000u);
  EXPECT_EQ(m.core.read_register(control_register::cr3), m.pdpt);
}
TEST(mmu_pae, memory_that_fails_the_load_is_its_own_kind_of_fault) {
  pae_machine m;
  ASSERT_TRUE(m.enter_pae());
  m.memory.fail(m.hpa(m.pdpt), m.hpa(m.pdpt) + 31);
  EXPECT_FALSE(m.core.write_register(control_register::cr3, m.pdpt));
  EXPECT_EQ(m.core.control->why_refused().kind, fault_kind::memory_error);
}
TEST(mmu_pae, works_without_a_second_stage) {
  pae_machine m(native());
  ASSERT_TRUE(m.enter_pae());
  EXPECT_TRUE(m.core.load(m.linear));
}

TEST(mmu_pae, vm_entry_loads_the_registers_through_the_second_stage_that_it_turns_on) {
  pae_machine m;
  ASSERT_TRUE(m.enter_pae());
  for (const std::uint64_t at : {std::uint64_t{0x3000}, std::uint64_t{0x7000}, m.directory, m.table, frame})
    m.tables.nested.map(at, at + 0x20'0000'0000, 12, leaf::ept);
  m.memory.write(0x20'0000'3000 + 8, m.directory | 1);
  m.memory.write(0x20'0000'0000 + m.directory, m.table | leaf::x86);
  m.memory.write(0x20'0000'0000 + m.table + 8, frame | leaf::x86);
  sc_core::sc_time spent;
  m.core.control->load_guest_register(control_register::cr3, 0x3000, spent);
  m.enter(m.tables.controls(2));
  EXPECT_TRUE(m.core.load(m.linear));
  m.core.control->load_guest_register(control_register::cr3, 0x5'0000, spent);
  EXPECT_THROW(m.enter(m.tables.controls(2)), input_error);
}

// AMD's nested paging (APM vol. 2, 15.25.10).
two_stage_tables::config npt() {
  two_stage_tables::config c;
  c.format = paging::nested_kind::npt;
  return c;
}

TEST(mmu_pae_under_npt, a_pdpte_stored_after_cr3_was_loaded_counts) {
  pae_machine m(npt());
  ASSERT_TRUE(m.enter_pae());
  EXPECT_TRUE(m.core.load(m.linear));
  EXPECT_FALSE(m.core.load(0x1000));
  EXPECT_EQ(m.core.fault.error_code, paging::pf::us);
  m.memory.write(m.hpa(m.pdpt), m.directory | 1);
  m.core.invlpg(0x1000);
  EXPECT_TRUE(m.core.load(0x1000));
}
TEST(mmu_pae_under_npt, a_pdpte_taken_away_counts_once_the_address_is_flushed) {
  mmu::mmu_config c = small_mmu();
  c.guest_walker.caches.pdpte = c.guest_walker.caches.pde = {4, 0};
  pae_machine m(npt(), c);
  ASSERT_TRUE(m.enter_pae());
  EXPECT_TRUE(m.core.load(m.linear));
  m.memory.write(m.hpa(m.pdpt) + 8, 0);
  EXPECT_TRUE(m.hits(m.linear)) << "a TLB may hold it until then";
  m.core.invlpg(m.linear);
  EXPECT_FALSE(m.core.load(m.linear));
}
TEST(mmu_pae_under_npt, a_reserved_bit_in_a_pdpte_faults_the_walk_through_it_and_no_other) {
  pae_machine m(npt());
  ASSERT_TRUE(m.enter_pae());
  m.memory.write(m.hpa(m.pdpt) + 16, m.directory | 1 | 2);
  EXPECT_TRUE(m.core.write_register(control_register::cr3, m.pdpt));
  EXPECT_TRUE(m.core.load(m.linear));
  EXPECT_FALSE(m.core.load(0x8000'1000));
  EXPECT_EQ(m.core.fault.kind, fault_kind::page_fault);
  EXPECT_EQ(m.core.fault.error_code, paging::pf::p | paging::pf::rsvd | paging::pf::us);
}
TEST(mmu_pae_under_npt, pdptes_that_the_second_stage_does_not_map_fault_the_walk) {
  pae_machine m(npt());
  ASSERT_TRUE(m.enter_pae());
  EXPECT_TRUE(m.core.write_register(control_register::cr3, 0x5'0020));
  EXPECT_FALSE(m.core.load(m.linear));
  EXPECT_EQ(m.core.fault.kind, fault_kind::nested_page_fault);
  EXPECT_EQ(m.core.fault.guest_physical.value, 0x5'0028u);
  EXPECT_EQ(m.core.fault.qualification, paging::npf::guest_tables | paging::pf::wr | paging::pf::us);
}
TEST(mmu_pae_under_npt, changes_of_cr0_and_cr4_load_nothing) {
  pae_machine m(npt());
  ASSERT_TRUE(m.enter_pae());
  m.memory.write(m.hpa(m.pdpt) + 16, 1 | 2);
  EXPECT_TRUE(
      m.core.write_register(control_register::cr4, m.core.read_register(control_register::cr4) ^ paging::cr4::pge));
  EXPECT_TRUE(m.core.write_register(control_register::cr0, m.core.read_register(control_register::cr0) | cr0::cd));
  EXPECT_TRUE(m.core.load(m.linear));
}
TEST(mmu_pae_under_npt, vm_entry_without_nested_paging_loads_the_registers_again) {
  pae_machine m(npt());
  ASSERT_TRUE(m.enter_pae());
  auto controls = m.tables.controls();
  controls.nested_paging = false;
  m.memory.write(m.pdpt + 8, m.hpa(m.directory) | 1);
  m.memory.write(m.hpa(m.directory), m.hpa(m.table) | leaf::x86);
  m.enter(controls);
  EXPECT_TRUE(m.core.load(m.linear));
  m.memory.write(m.pdpt + 8, 0);
  m.core.invlpg(m.linear);
  EXPECT_TRUE(m.core.load(m.linear)) << "the register holds it";
  m.memory.write(m.pdpt + 8, 1 | 2);
  m.enter(m.tables.controls());
  EXPECT_THROW(m.enter(controls), input_error);
}

}  // namespace
