// How the shadow is filled: sizes, flags, reflected faults, CR0.WP.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "shadow_guest.h"

namespace nestwalk::test {
namespace {

using paging::access_mode;
using protocol::control_register;
using vmm::shadow_policy;
namespace bit = paging::x86_entry;

TEST(vmm_shadow_fill, without_guest_paging_linear_addresses_are_guest_physical) {
  guest_machine machine("machine", shadow());
  machine.start();
  machine.image().write(3 * mib, 0x55);
  EXPECT_EQ(machine.load(3 * mib).loaded, 0x55u);
  machine.store(5 * mib + 8, 0x66);
  EXPECT_EQ(machine.guest_qword(5 * mib + 8), 0x66u);
}

TEST(vmm_shadow_fill, a_hidden_fault_fills_one_entry_and_sets_the_guests_flags) {
  shadow_guest g(shadow());
  EXPECT_EQ(g.machine.load(user, access_mode::user).exits, 1u);
  EXPECT_EQ(g.machine.count("shadow.fills"), 1u);
  EXPECT_EQ(g.tables.read_entry(user, 1) & (bit::a | bit::d), std::uint64_t{bit::a});
  EXPECT_EQ(g.machine.load(user, access_mode::user).exits, 0u);
  EXPECT_EQ(g.machine.load(user + 4096, access_mode::user).exits, 1u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow_fill, a_clean_page_faults_again_to_be_written_and_becomes_dirty) {
  shadow_guest g(shadow());
  g.machine.load(user, access_mode::user);
  EXPECT_EQ(g.machine.store(user, 1, access_mode::user).exits, 1u);
  EXPECT_NE(g.machine.guest_qword(g.tables.entry_address(user, 1)) & bit::d, 0u);
  EXPECT_EQ(g.machine.store(user, 2, access_mode::user).exits, 0u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow_fill, the_guests_own_fault_is_reflected_with_its_code) {
  shadow_guest g(shadow());
  const auto absent = g.machine.store(user + 2 * 4096, 1, access_mode::user);
  EXPECT_EQ(absent.fault.error_code, paging::pf::wr | paging::pf::us);
  const auto kernel_page = g.machine.load(direct, access_mode::user);
  EXPECT_EQ(kernel_page.fault.error_code, paging::pf::p | paging::pf::us);
  EXPECT_EQ(g.machine.count("shadow.reflected"), 2u);
}

TEST(vmm_shadow_fill, large_pages_on_large_backing_are_shadowed_large) {
  shadow_guest g(shadow());
  g.machine.load(direct + 16 * mib);
  EXPECT_EQ(g.machine.load(direct + 18 * mib - 8).exits, 0u);
  EXPECT_EQ(g.machine.count("shadow.splintered"), 0u);
}

TEST(vmm_shadow_fill, large_pages_that_hold_a_table_are_splintered) {
  shadow_guest g(shadow());
  g.machine.load(user);
  g.machine.load(direct + mib);
  EXPECT_EQ(g.machine.count("shadow.splintered"), 1u);
  EXPECT_EQ(g.machine.load(direct + mib + 4096 * 300).exits, 1u) << "another 4 KiB of the same guest page";
}

TEST(vmm_shadow_fill, large_pages_on_scattered_memory_are_splintered) {
  shadow_guest g(shadow(shadow_policy::write_protect, 12));
  g.machine.load(direct + 16 * mib);
  EXPECT_EQ(g.machine.load(direct + 16 * mib + 4096).exits, 1u);
  EXPECT_EQ(g.machine.count("shadow.splintered"), 2u);
}

TEST(vmm_shadow_fill, wp_0_lets_the_supervisor_write_a_read_only_page) {
  shadow_guest g(shadow());
  g.tables.map(user, data_page, 12, leaf::x86_clean & ~std::uint64_t{bit::rw});
  g.machine.write_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg);
  EXPECT_FALSE(g.machine.store(user, 9).fault);
  EXPECT_EQ(g.machine.store(user, 10).exits, 0u) << "a writable supervisor page meanwhile";
  EXPECT_EQ(g.machine.load(user, access_mode::user).loaded, 10u);
  EXPECT_EQ(g.machine.store(user, 11, access_mode::user).fault.error_code, 7u);
  EXPECT_FALSE(g.machine.store(user, 12).fault);
  g.machine.write_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg | paging::cr0::wp);
  EXPECT_EQ(g.machine.store(user, 13).fault.error_code, 3u);
  EXPECT_FALSE(g.machine.first_difference());
  EXPECT_NE(g.machine.cpu.reg(control_register::cr0) & paging::cr0::wp, 0u);
}

TEST(vmm_shadow_fill, wp_0_under_smep_keeps_the_supervisor_from_executing_the_page) {
  shadow_guest g(shadow(), paging::cr4::smep);
  g.tables.map(user, data_page, 12, leaf::x86_clean & ~std::uint64_t{bit::rw});
  g.machine.write_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg);
  g.machine.store(user, 9);
  EXPECT_EQ(g.machine.fetch(user).fault.error_code, paging::pf::p | paging::pf::id);
  EXPECT_FALSE(g.machine.fetch(user, access_mode::user).fault);
}

TEST(vmm_shadow_fill, wp_0_under_smap_is_emulated_store_by_store) {
  shadow_guest g(shadow(), paging::cr4::smap);
  g.tables.map(user, data_page, 12, leaf::x86_clean & ~std::uint64_t{bit::rw});
  g.machine.write_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg);
  EXPECT_TRUE(g.machine.store(user, 9, access_mode::supervisor_ac).emulated);
  EXPECT_EQ(g.machine.load(user).fault.error_code, std::uint32_t{paging::pf::p});
  EXPECT_EQ(g.machine.load(user, access_mode::user).loaded, 9u);
  EXPECT_FALSE(g.machine.first_difference());
}

}  // namespace
}  // namespace nestwalk::test
