// The guest mode execute trap through an mmu: TLB hits ask it too, and VM entry turns it on and off.
#include <gtest/gtest.h>

#include "mmu_machine.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::test {
namespace {

constexpr std::uint64_t page_gva = 0x7f12'3456'7000;
constexpr std::uint64_t page_gpa = 0x1'2345'6000;
namespace x86 = paging::x86_entry;

two_stage_tables::config npt() {
  two_stage_tables::config c;
  c.format = paging::nested_kind::npt;
  return c;
}

struct trapping_mmu : mmu_machine {
  trapping_mmu() : mmu_machine(npt()) { tables.map(page_gva, page_gpa); }
  void trap(bool on) {
    protocol::translation_controls c = tables.controls();
    c.guest_mode_execute_trap = on;
    enter(c);
  }
};

TEST(mmu_guest_mode_execute_trap, stops_supervisor_code_in_a_page_that_user_code_has_brought_into_the_tlbs) {
  trapping_mmu m;
  m.trap(true);
  ASSERT_TRUE(m.core.run(page_gva, access_mode::user));
  ASSERT_FALSE(m.core.run(page_gva, access_mode::supervisor));
  EXPECT_EQ(m.core.fault.kind, fault_kind::nested_page_fault);
  EXPECT_EQ(m.core.fault.qualification, paging::npf::final_address | paging::pf::p | paging::pf::id);
  EXPECT_TRUE(m.core.load(page_gva, access_mode::supervisor));
}
TEST(mmu_guest_mode_execute_trap, stops_user_code_in_a_supervisor_page_which_data_accesses_may_use) {
  trapping_mmu m;
  m.tables.nested.clear_flags(page_gpa, 1, x86::us);
  m.trap(true);
  EXPECT_TRUE(m.core.run(page_gva, access_mode::supervisor));
  EXPECT_TRUE(m.core.load(page_gva, access_mode::user));
  EXPECT_TRUE(m.core.store(page_gva, 1, access_mode::user));
  EXPECT_FALSE(m.core.run(page_gva, access_mode::user));
}
TEST(mmu_guest_mode_execute_trap, is_turned_on_and_off_by_vm_entry) {
  trapping_mmu m;
  m.trap(true);
  EXPECT_FALSE(m.core.run(page_gva, access_mode::supervisor));
  m.trap(false);
  EXPECT_TRUE(m.core.run(page_gva, access_mode::supervisor));
}
TEST(mmu_guest_mode_execute_trap, grants_no_direct_fetches_to_the_other_mode) {
  trapping_mmu m;
  m.memory.grants_dmi = true;
  m.trap(true);
  tlm::tlm_dmi grant;
  EXPECT_TRUE(m.core.dmi(page_gva, false, grant, access_mode::user, false, side::fetch));
  EXPECT_FALSE(m.core.dmi(page_gva, false, grant, access_mode::supervisor, false, side::fetch));
}
TEST(mmu_guest_mode_execute_trap, without_nested_tables_in_npt_format_is_refused) {
  trapping_mmu m;
  sc_core::sc_time spent;
  protocol::translation_controls c = m.tables.controls();
  c.guest_mode_execute_trap = true;
  c.nested_paging = false;
  EXPECT_THROW(m.core.control->load_controls(c, spent), input_error);
  c.nested_paging = true;
  c.format = paging::nested_kind::ept;
  c.ept.eptp = 0x1000 | 3 << 3 | 6;
  EXPECT_THROW(m.core.control->load_controls(c, spent), input_error);
}

}  // namespace
}  // namespace nestwalk::test
