// Register writes, invalidation instructions and VM transitions: what goes and what may stay.
#include <gtest/gtest.h>

#include "mmu_machine.h"
#include "nestwalk/protocol/error.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;
namespace x86_entry = paging::x86_entry;
namespace cr4 = paging::cr4;
using paging::invept_type;
using paging::invpcid_type;
using paging::invvpid_type;

constexpr std::uint64_t page = 0x40'0000;
constexpr std::uint64_t global_page = 0x80'0000;
constexpr std::uint64_t frame = 0x12'3000;

/// A machine with PCIDs on, PCID 1, and a global and a non-global page cached.
struct flushing_machine : mmu_machine {
  explicit flushing_machine(const two_stage_tables::config& t = {}) : mmu_machine(t) {
    tables.map(page, frame);
    tables.map(global_page, frame + 0x1000, 12, 12, leaf::x86 | x86_entry::g);
    write_cr4(cr4::pcide, 0);
    switch_to(1);
    warm();
  }
  void warm() {
    core.load(page);
    core.load(global_page);
  }
  void write_cr4(std::uint64_t set, std::uint64_t clear) {
    const std::uint64_t now = core.read_register(control_register::cr4);
    ASSERT_TRUE(core.write_register(control_register::cr4, (now | set) & ~clear));
  }
  void switch_to(std::uint64_t pcid, bool flush = false) {
    const std::uint64_t stay = flush ? 0 : paging::cr3::no_flush;
    ASSERT_TRUE(core.write_register(control_register::cr3, tables.guest.root() | pcid | stay));
  }
  void expect_kept(bool local, bool global) {
    EXPECT_EQ(hits(page), local) << "non-global page";
    EXPECT_EQ(hits(global_page), global) << "global page";
  }
  std::uint64_t nested_walks() { return mmu.parts().second_stage_walker->counts().walks; }
  /// Whether the page still has all its guest-physical mappings: a walk of it asks the nested walker nothing.
  bool guest_physical_kept(std::uint64_t at) {
    const std::uint64_t walks_before = walks(), nested_before = nested_walks();
    EXPECT_TRUE(core.load(at));
    EXPECT_GT(walks(), walks_before) << "the load was to walk";
    return nested_walks() == nested_before;
  }
  void apply(const std::function<void(protocol::control_fw_if&, sc_core::sc_time&)>& what) {
    sc_core::sc_time spent;
    what(*core.control.operator->(), spent);
  }
};

TEST(mmu_flush, mov_cr3_takes_its_pcid_and_keeps_globals) {
  flushing_machine m;
  m.switch_to(1, true);
  m.expect_kept(false, true);
}
TEST(mmu_flush, mov_cr3_keeps_other_pcids) {
  flushing_machine m;
  m.switch_to(2, true);
  m.switch_to(1);
  m.expect_kept(true, true);
}
TEST(mmu_flush, mov_cr3_with_bit_63_keeps_all) {
  flushing_machine m;
  m.switch_to(1, false);
  m.expect_kept(true, true);
  EXPECT_EQ(m.core.read_register(control_register::cr3) >> 63, 0u) << "the bit is not kept";
}
TEST(mmu_flush, another_pcid_does_not_use_the_mapping) {
  flushing_machine m;
  m.switch_to(2);
  EXPECT_FALSE(m.hits(page));
  EXPECT_TRUE(m.hits(global_page));
}
TEST(mmu_flush, without_pcids_mov_cr3_flushes_all_but_globals) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.tables.map(global_page, frame, 12, 12, leaf::x86 | x86_entry::g);
  m.core.load(page);
  m.core.load(global_page);
  m.core.write_register(control_register::cr3, m.tables.guest.root());
  EXPECT_FALSE(m.hits(page));
  EXPECT_TRUE(m.hits(global_page));
}
TEST(mmu_flush, mov_cr3_keeps_guest_physical_mappings) {
  flushing_machine m;
  m.switch_to(1, true);
  EXPECT_TRUE(m.guest_physical_kept(page));
}
TEST(mmu_flush, a_change_of_cr4_pge_takes_globals_too) {
  flushing_machine m;
  m.write_cr4(0, cr4::pge);
  m.expect_kept(false, false);
}
TEST(mmu_flush, turning_smep_on_flushes) {
  flushing_machine m;
  m.write_cr4(cr4::smep, 0);
  m.expect_kept(false, false);
}
TEST(mmu_flush, turning_smep_off_needs_no_flush) {
  flushing_machine m;
  m.write_cr4(cr4::smep, 0);
  m.warm();
  m.write_cr4(0, cr4::smep);
  m.expect_kept(true, true);
}
TEST(mmu_flush, smap_needs_no_flush) {
  flushing_machine m;
  m.write_cr4(cr4::smap, 0);
  m.expect_kept(true, true);
}
TEST(mmu_flush, turning_pcids_off_takes_every_pcid) {
  flushing_machine m;
  m.switch_to(0);
  m.write_cr4(0, cr4::pcide);
  m.write_cr4(cr4::pcide, 0);
  m.switch_to(1);
  m.expect_kept(false, false);
}
TEST(mmu_flush, cr0_wp_and_pkru_need_no_flush) {
  flushing_machine m;
  const std::uint64_t cr0 = m.core.read_register(control_register::cr0);
  m.core.write_register(control_register::cr0, cr0 & ~paging::cr0::wp);
  m.core.write_register(control_register::pkru, 0xc);
  m.expect_kept(true, true);
}
TEST(mmu_flush, a_change_of_nxe_flushes) {
  flushing_machine m;
  m.core.write_register(control_register::efer, m.core.read_register(control_register::efer) & ~paging::efer::nxe);
  m.expect_kept(false, false);
}
TEST(mmu_flush, turning_protection_keys_on_judges_keys_of_what_was_cached_before) {
  flushing_machine m;
  m.tables.guest.set_flags(page, 1, std::uint64_t{5} << x86_entry::key_shift);
  m.core.write_register(control_register::pkru, 1u << 10);
  EXPECT_TRUE(m.core.load(page));
  m.write_cr4(cr4::pke, 0);
  EXPECT_FALSE(m.core.load(page));
  EXPECT_NE(m.core.fault.error_code & paging::pf::pk, 0u);
}

TEST(mmu_flush, what_was_filled_without_pge_is_no_global_page) {
  flushing_machine m;
  m.write_cr4(0, cr4::pge);
  ASSERT_TRUE(m.core.load(global_page));
  m.switch_to(2);
  EXPECT_FALSE(m.hits(global_page));
  m.core.invlpg(global_page);
  m.switch_to(1);
  EXPECT_TRUE(m.hits(global_page)) << "INVLPG takes the current PCID's alone";
}
TEST(mmu_flush, invlpg_takes_one_address_even_if_global) {
  flushing_machine m;
  m.core.invlpg(global_page + 0xabc);
  m.expect_kept(true, false);
}
TEST(mmu_flush, invlpg_keeps_guest_physical_mappings) {
  flushing_machine m;
  m.core.invlpg(page);
  EXPECT_TRUE(m.guest_physical_kept(page));
}
TEST(mmu_flush, invlpg_reaches_the_l1_instruction_tlb) {
  flushing_machine m;
  ASSERT_TRUE(m.core.run(page));
  ASSERT_TRUE(m.core.run(page));
  m.core.invlpg(page);
  const std::uint64_t before = m.walks();
  m.core.run(page);
  EXPECT_GT(m.walks(), before);
}
TEST(mmu_flush, invlpg_takes_every_fragment_of_a_splintered_guest_page) {
  mmu_machine m;
  m.tables.map(0x4000'0000, 0x2000'0000, 21, 12);
  for (std::uint64_t i = 0; i < 8; ++i) m.core.load(0x4000'0000 + i * 0x1000);
  m.core.invlpg(0x4010'0000);
  for (std::uint64_t i = 0; i < 8; ++i) EXPECT_FALSE(m.hits(0x4000'0000 + i * 0x1000)) << i;
}
TEST(mmu_flush, invpcid_of_an_address_takes_it_alone_and_no_global) {
  flushing_machine m;
  m.apply([](auto& c, auto& t) { EXPECT_TRUE(c.invpcid(invpcid_type::individual_address, 1, paging::gva(page), t)); });
  m.apply([](auto& c, auto& t) { c.invpcid(invpcid_type::individual_address, 1, paging::gva(global_page), t); });
  m.expect_kept(false, true);
}
TEST(mmu_flush, invpcid_of_a_context_keeps_others) {
  flushing_machine m;
  m.apply([](auto& c, auto& t) { c.invpcid(invpcid_type::single_context, 2, {}, t); });
  m.expect_kept(true, true);
}
TEST(mmu_flush, invpcid_of_all_keeps_globals) {
  flushing_machine m;
  m.apply([](auto& c, auto& t) { c.invpcid(invpcid_type::all, 0, {}, t); });
  m.expect_kept(false, true);
}
TEST(mmu_flush, invpcid_of_all_with_globals_takes_all) {
  flushing_machine m;
  m.apply([](auto& c, auto& t) { c.invpcid(invpcid_type::all_with_globals, 0, {}, t); });
  m.expect_kept(false, false);
}
TEST(mmu_flush, a_bad_invpcid_descriptor_is_refused) {
  flushing_machine m;
  m.apply([](auto& c, auto& t) {
    EXPECT_FALSE(c.invpcid(static_cast<invpcid_type>(4), 0, {}, t));
    EXPECT_FALSE(c.invpcid(invpcid_type::single_context, 0x1000, {}, t));
    EXPECT_FALSE(c.invpcid(invpcid_type::individual_address, 1, paging::gva(std::uint64_t{1} << 60), t));
  });
  m.expect_kept(true, true);
}
TEST(mmu_flush, invept_takes_combined_and_guest_physical_mappings) {
  flushing_machine m;
  m.apply([&](auto& c, auto& t) { c.invept(invept_type::single_context, m.tables.eptp(), t); });
  EXPECT_FALSE(m.guest_physical_kept(page));
}
TEST(mmu_flush, invept_of_another_eptp_keeps_them) {
  flushing_machine m;
  m.apply([&](auto& c, auto& t) { c.invept(invept_type::single_context, m.tables.eptp() + 0x1000, t); });
  m.expect_kept(true, true);
}
TEST(mmu_flush, invept_keeps_linear_mappings) {
  flushing_machine m(native());
  m.apply([&](auto& c, auto& t) { c.invept(invept_type::all_context, 0, t); });
  m.expect_kept(true, true);
}
TEST(mmu_flush, invvpid_takes_combined_and_keeps_guest_physical_mappings) {
  flushing_machine m;
  m.apply([&](auto& c, auto& t) { c.invvpid(invvpid_type::single_context, 1, {}, t); });
  EXPECT_TRUE(m.guest_physical_kept(page));
  EXPECT_FALSE(m.hits(global_page));
}
TEST(mmu_flush, invvpid_of_an_address_keeps_others) {
  flushing_machine m;
  m.apply([&](auto& c, auto& t) { c.invvpid(invvpid_type::individual_address, 1, paging::gva(page), t); });
  m.expect_kept(false, true);
}
TEST(mmu_flush, invvpid_retaining_globals_retains_them) {
  flushing_machine m;
  m.apply([&](auto& c, auto& t) { c.invvpid(invvpid_type::single_context_retaining_globals, 1, {}, t); });
  m.expect_kept(false, true);
}
TEST(mmu_flush, invvpid_of_another_vpid_keeps_all) {
  flushing_machine m;
  m.apply([&](auto& c, auto& t) { c.invvpid(invvpid_type::single_context, 2, {}, t); });
  m.expect_kept(true, true);
}
TEST(mmu_flush, invlpga_takes_the_address_of_its_asid) {
  two_stage_tables::config npt;
  npt.format = paging::nested_kind::npt;
  flushing_machine m(npt);
  m.apply([&](auto& c, auto& t) { c.invlpga(paging::gva(page), 2, t); });
  m.expect_kept(true, true);
  m.apply([&](auto& c, auto& t) { c.invlpga(paging::gva(page), 1, t); });
  m.expect_kept(false, true);
}
TEST(mmu_flush, invlpga_of_an_address_that_is_not_canonical_takes_none) {
  two_stage_tables::config npt;
  npt.format = paging::nested_kind::npt;
  flushing_machine m(npt);
  for (const unsigned bit : {48u, 57u, 63u})
    m.apply([&](auto& c, auto& t) { c.invlpga(paging::gva(page | std::uint64_t{1} << bit), 1, t); });
  m.expect_kept(true, true);
}
TEST(mmu_flush, invlpg_of_an_address_that_is_not_canonical_does_nothing) {
  flushing_machine m;
  m.core.invlpg(page | std::uint64_t{1} << 60);
  m.core.invlpg(page | std::uint64_t{1} << 50);
  m.expect_kept(true, true);
}
TEST(mmu_flush, invpcid_takes_an_address_of_57_bits_under_4_level_paging) {
  flushing_machine m;
  m.apply([](auto& c, auto& t) {
    EXPECT_TRUE(c.invpcid(invpcid_type::individual_address, 1, paging::gva(0xffaaaaaaaaaaaaaa), t));
  });
  m.expect_kept(true, true);
}
TEST(mmu_flush, invvpid_and_invept_of_bad_operands_fail_and_do_nothing) {
  flushing_machine m;
  m.apply([&](auto& c, auto& t) {
    EXPECT_FALSE(c.invvpid(invvpid_type::individual_address, 1, paging::gva(page | std::uint64_t{1} << 60), t));
    EXPECT_FALSE(c.invvpid(invvpid_type::single_context, 0, {}, t));
    EXPECT_FALSE(c.invept(invept_type::single_context, m.tables.eptp() | 5, t));
  });
  m.expect_kept(true, true);
  EXPECT_EQ(m.mmu.control_counts().invvpid, 0u);
}
TEST(mmu_flush, tlb_control_flushes_as_it_says) {
  using paging::tlb_control;
  two_stage_tables::config npt;
  npt.format = paging::nested_kind::npt;
  flushing_machine m(npt);
  m.enter(m.tables.controls(), tlb_control::nothing);
  m.expect_kept(true, true);
  m.enter(m.tables.controls(), tlb_control::flush_asid_keep_globals);
  m.expect_kept(false, true);
  m.enter(m.tables.controls(), tlb_control::flush_asid);
  m.expect_kept(false, false);
  m.enter(m.tables.controls(), tlb_control::flush_all);
  EXPECT_FALSE(m.guest_physical_kept(page));
}
TEST(mmu_flush, vm_transitions_with_a_vpid_keep_all) {
  flushing_machine m;
  m.apply([&](auto& c, auto& t) {
    c.vm_exit(t);
    c.vm_entry(paging::tlb_control::nothing, t);
  });
  m.expect_kept(true, true);
}
TEST(mmu_flush, vm_transitions_without_a_vpid_take_combined_and_keep_guest_physical_mappings) {
  flushing_machine m;
  auto controls = m.tables.controls();
  controls.vpid_on = false;
  m.enter(controls);
  m.warm();
  m.expect_kept(true, true);
  m.apply([&](auto& c, auto& t) { c.vm_exit(t); });
  EXPECT_TRUE(m.guest_physical_kept(page));
  m.apply([&](auto& c, auto& t) { c.vm_entry(paging::tlb_control::nothing, t); });
  EXPECT_FALSE(m.hits(page));
}
TEST(mmu_flush, controls_hold_from_the_next_vm_entry_on) {
  flushing_machine m;
  sc_core::sc_time spent;
  auto controls = m.tables.controls();
  controls.vpid = 9;
  m.core.control->load_controls(controls, spent);
  EXPECT_EQ(m.mmu.domain().tags.space, 1u);
  m.core.control->vm_entry(paging::tlb_control::nothing, spent);
  EXPECT_EQ(m.mmu.domain().tags.space, 9u);
  EXPECT_FALSE(m.hits(page)) << "another VPID's";
}
TEST(mmu_flush, each_operation_is_counted) {
  flushing_machine m;
  m.core.invlpg(page);
  m.apply([&](auto& c, auto& t) { c.invept(invept_type::all_context, 0, t); });
  EXPECT_EQ(m.mmu.control_counts().invlpg, 1u);
  EXPECT_EQ(m.mmu.control_counts().invept, 1u);
  EXPECT_EQ(m.mmu.control_counts().cr3_loads_without_flush, 1u);
}

}  // namespace
