// Roots, their tags, the flushes that the guest asks for, and its register writes.
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

TEST(vmm_shadow_root, a_root_is_kept_and_reused_with_its_entries) {
  shadow_guest g(shadow());
  table_builder other(g.machine.image(), {4, 4 * mib, leaf::x86_clean});
  g.map_kernel(other);
  other.map(user, data_page + 8192, 12, leaf::x86_clean);
  g.machine.load(user);
  g.load_cr3(other.root());
  EXPECT_EQ(g.machine.load(user).at, paging::gpa(data_page + 8192));
  g.load_cr3(g.tables.root());
  EXPECT_EQ(g.machine.load(user).exits, 0u);
  EXPECT_EQ(g.machine.count("shadow.roots_reused"), 1u);
}

TEST(vmm_shadow_root, a_page_that_becomes_a_top_table_is_protected_under_every_root) {
  shadow_guest g(shadow());
  table_builder other(g.machine.image(), {4, 20 * mib, leaf::x86_clean});
  g.map_kernel(other);
  other.map(user, data_page + 8192, 12, leaf::x86_clean);
  g.machine.store(direct + 22 * mib - 8, 1);  // the root's 2 MiB, writable
  g.load_cr3(other.root());
  g.machine.load(user);
  g.load_cr3(g.tables.root());
  EXPECT_TRUE(g.machine.store(direct + other.root(), 0).emulated);
  g.load_cr3(other.root());
  EXPECT_EQ(g.machine.load(user).fault.kind, paging::fault_kind::page_fault);
}

TEST(vmm_shadow_root, tables_of_roots_that_go_are_used_again) {
  vmm::vmm_config c = shadow(shadow_policy::write_protect, 12);
  c.host_size = 8 * mib;
  c.shadow.kept_roots = 2;
  shadow_guest g(c);
  std::vector<std::uint64_t> roots{g.tables.root()};
  for (std::uint64_t i = 0; i < 2; ++i) {
    table_builder other(g.machine.image(), {4, (4 + 2 * i) * mib, leaf::x86_clean});
    g.map_kernel(other);
    other.map(user, data_page, 12, leaf::x86_clean);
    roots.push_back(other.root());
  }
  for (unsigned i = 0; i < 1200; ++i) {
    g.load_cr3(roots[i % 3]);
    g.machine.load(user);
  }
  EXPECT_GT(g.machine.count("shadow.tables_made") * 4096, c.host_size);
}

TEST(vmm_shadow_root, tags_of_roots_and_pcids_differ) {
  shadow_guest g(shadow(), paging::cr4::pcide);
  std::vector<std::uint16_t> tags{g.machine.tag()};
  for (const std::uint64_t pcid : {1u, 2u}) {
    g.load_cr3(g.tables.root() | pcid);
    tags.push_back(g.machine.tag());
  }
  table_builder other(g.machine.image(), {4, 4 * mib, leaf::x86_clean});
  g.load_cr3(other.root() | 2);
  tags.push_back(g.machine.tag());
  std::sort(tags.begin(), tags.end());
  EXPECT_EQ(std::unique(tags.begin(), tags.end()), tags.end());
  EXPECT_GT(tags.front(), 0u);
}

TEST(vmm_shadow_root, an_evicted_roots_tag_is_flushed_before_it_is_reused) {
  vmm::vmm_config c = shadow();
  c.shadow.kept_roots = 2;
  shadow_guest g(c);
  g.machine.load(user);
  for (std::uint64_t i = 0; i < 6; ++i) {
    table_builder other(g.machine.image(), {4, (4 + 2 * i) * mib, leaf::x86_clean});
    g.map_kernel(other);
    other.map(user, data_page + 4096 * i, 12, leaf::x86_clean);
    g.machine.cpu.flushes.clear();
    g.load_cr3(other.root());
    EXPECT_LE(g.machine.tag(), 2u);
    if (g.machine.count("shadow.roots_evicted") > 0) {
      ASSERT_FALSE(g.machine.cpu.flushes.empty());
      EXPECT_EQ(g.machine.cpu.flushes.back().tag, g.machine.tag());
    }
    EXPECT_EQ(g.machine.load(user).at, paging::gpa(data_page + 4096 * i));
  }
  EXPECT_GT(g.machine.count("shadow.roots_evicted"), 3u);
}

class vmm_shadow_policies : public testing::TestWithParam<shadow_policy> {};

TEST_P(vmm_shadow_policies, invpcid_of_another_pcid_holds_when_that_is_loaded_without_a_flush) {
  shadow_guest g(shadow(GetParam()), paging::cr4::pcide);
  g.load_cr3(g.tables.root() | 1);
  g.machine.store(user, 1);
  g.load_cr3(g.tables.root() | 2);
  g.store_entry(user, 1, 0);
  g.machine.invpcid(paging::invpcid_type::single_context, 1, {});
  g.load_cr3(g.tables.root() | 1 | paging::cr3::no_flush);
  EXPECT_EQ(g.machine.load(user).fault.kind, paging::fault_kind::page_fault);
}

TEST_P(vmm_shadow_policies, invlpg_of_an_address_that_is_not_canonical_does_nothing) {
  shadow_guest g(shadow(GetParam()));
  g.machine.store(user, 1);
  g.machine.cpu.flushes.clear();
  g.machine.invlpg(paging::gva(user | std::uint64_t{1} << 60));
  EXPECT_TRUE(g.machine.cpu.flushes.empty());
  EXPECT_EQ(g.machine.load(user).exits, 0u);
}

TEST_P(vmm_shadow_policies, invlpg_of_a_global_page_holds_under_every_pcid) {
  shadow_guest g(shadow(GetParam()), paging::cr4::pcide);
  g.tables.map(user, data_page, 12, leaf::x86_clean | bit::g);
  g.load_cr3(g.tables.root() | 1);
  g.machine.store(user, 1);
  g.load_cr3(g.tables.root() | 2);
  g.store_entry(user, 1, 0);
  g.machine.invlpg(paging::gva(user));
  g.load_cr3(g.tables.root() | 1 | paging::cr3::no_flush);
  EXPECT_EQ(g.machine.load(user).fault.kind, paging::fault_kind::page_fault);
}

INSTANTIATE_TEST_SUITE_P(both, vmm_shadow_policies,
                         testing::Values(shadow_policy::write_protect, shadow_policy::out_of_sync),
                         [](const auto& info) {
                           return info.param == shadow_policy::write_protect ? "write_protect" : "out_of_sync";
                         });

TEST(vmm_shadow_root, nothing_narrowed_needs_no_flush) {
  shadow_guest g(shadow());
  g.machine.store(user, 1);
  g.machine.cpu.flushes.clear();
  g.load_cr3(g.tables.root());
  EXPECT_TRUE(g.machine.cpu.flushes.empty());
}

TEST(vmm_shadow_root, a_page_taken_back_is_unmapped_everywhere_and_flushed) {
  vmm::vmm_config c = shadow();
  c.reclaim = {128, 1, 64};
  shadow_guest g(c);
  for (unsigned round = 0; round < 40; ++round) {
    g.machine.store(user, round);
    EXPECT_EQ(g.machine.load(direct + data_page).loaded, round);
    g.machine.load(direct + 16 * mib + round * 8192);
  }
  EXPECT_GT(g.machine.count("memory.restored"), 0u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow_root, a_page_taken_back_is_flushed_even_where_the_guest_owes_the_flush) {
  vmm::vmm_config c = shadow();
  c.reclaim = {100'000, 8, 64};
  shadow_guest g(c);
  g.machine.store(user, 1);
  const paging::access write{paging::access_type::write, access_mode::supervisor};
  const paging::rights_policy policy = paging::decode_guest(g.machine.cpu.registers(), c.processor).policy;
  const std::uint16_t tag = g.machine.tag();
  g.store_entry(user, 1, 0);
  ASSERT_TRUE(g.machine.tlb.find(tag, paging::gva(user), write, policy)) << "not flushed: the guest has not asked";
  const std::uint64_t before = g.machine.count("memory.reclaimed");
  while (g.machine.count("memory.reclaimed") == before) g.machine.invlpg(paging::gva(gib));
  EXPECT_FALSE(g.machine.tlb.find(tag, paging::gva(user), write, policy)) << "its frame has another owner";
}

TEST(vmm_shadow_root, five_levels_are_shadowed_by_five) {
  shadow_guest g(shadow(), 0, 5);
  EXPECT_EQ(g.machine.store(user, 1).exits, 1u);
  EXPECT_NE(g.machine.cpu.reg(control_register::cr4) & paging::cr4::la57, 0u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow_root, a_register_write_the_processor_refuses_is_a_gp) {
  shadow_guest g(shadow());
  EXPECT_FALSE(g.machine.write_register(control_register::cr3, std::uint64_t{1} << 50));
  EXPECT_FALSE(g.machine.write_register(control_register::cr4, paging::cr4::pge));
  EXPECT_FALSE(g.machine.write_register(control_register::cr0, paging::cr0::pg));
  EXPECT_FALSE(g.machine.load(user).fault) << "nothing changed";
}

TEST(vmm_shadow_root, guest_32_bit_paging_is_an_error_that_says_so) {
  guest_machine machine("machine", shadow());
  machine.start();
  EXPECT_THROW(machine.write_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg), input_error);
}

TEST(vmm_shadow_root, under_svm_a_tag_is_flushed_by_tlb_control) {
  vmm::vmm_config c = shadow();
  c.format = paging::nested_kind::npt;
  shadow_guest g(c);
  g.machine.store(user, 1);
  g.store_entry(user, 1, 0);
  g.load_cr3(g.tables.root());
  EXPECT_GT(g.machine.count("tlb_controls"), 0u);
  EXPECT_EQ(g.machine.count("flushes_of_tags"), 0u);
  EXPECT_EQ(g.machine.load(user).fault.kind, paging::fault_kind::page_fault);
}

}  // namespace
}  // namespace nestwalk::test
