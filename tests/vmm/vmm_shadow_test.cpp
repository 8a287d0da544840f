// Shadow paging, behaviour by behaviour.
#include <array>

#include <gtest/gtest.h>

#include "guest_machine.h"
#include "protocol/error.h"

namespace nestwalk::test {
namespace {

using paging::access_mode;
using protocol::control_register;
using protocol::exit_reason;
using vmm::shadow_policy;
namespace bit = paging::x86_entry;

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;
constexpr std::uint64_t user = 0x40'0000;
constexpr std::uint64_t direct = 0xffff'8000'0000'0000;  // the guest kernel's map of its memory
constexpr std::uint64_t data_page = 8 * mib;
constexpr std::uint64_t kernel_rw = bit::p | bit::rw | bit::a;

vmm::vmm_config shadow(shadow_policy policy = shadow_policy::write_protect, unsigned backing_log2 = 21) {
  vmm::vmm_config c;
  c.mode = vmm::paging_mode::shadow;
  c.backing_log2 = backing_log2;
  c.guest_memory = 64 * mib;
  c.host_base = gib;
  c.host_size = gib;
  c.shadow.policy = policy;
  return c;
}

// Tables from 1 MiB up; `direct` maps all memory by 2 MiB for the supervisor; `user` maps two pages.
struct shadow_guest {
  guest_machine machine;
  table_builder tables;

  explicit shadow_guest(const vmm::vmm_config& c, std::uint64_t cr4_more = 0, unsigned levels = 4)
      : machine("machine", c), tables(started(machine), {levels, mib, leaf::x86_clean}) {
    map_kernel(tables);
    tables.map(user, data_page, 12, leaf::x86_clean);
    tables.map(user + 4096, data_page + 4096, 12, leaf::x86_clean);
    machine.enter_long_mode(tables.root(), cr4_more, levels);
    machine.exits.clear();
  }
  static table_memory started(guest_machine& machine) {
    machine.start();
    return machine.image();
  }
  static void map_kernel(table_builder& t) { t.map_range(direct, 0, 32, 21, kernel_rw); }
  /// The kernel stores an entry through its direct map.
  guest_machine::outcome store_entry(std::uint64_t at, unsigned level, std::uint64_t value) {
    return machine.store(direct + tables.entry_address(at, level), value);
  }
  std::uint64_t exits_of(exit_reason reason) const {
    std::uint64_t n = 0;
    for (const exit_reason r : machine.exits) n += r == reason ? 1 : 0;
    return n;
  }
  void load_cr3(std::uint64_t value) { EXPECT_TRUE(machine.write_register(control_register::cr3, value)); }
};

TEST(vmm_shadow, without_guest_paging_linear_addresses_are_guest_physical) {
  guest_machine machine("machine", shadow());
  machine.start();
  machine.image().write(3 * mib, 0x55);
  EXPECT_EQ(machine.load(3 * mib).loaded, 0x55u);
  machine.store(5 * mib + 8, 0x66);
  EXPECT_EQ(machine.guest_qword(5 * mib + 8), 0x66u);
}

TEST(vmm_shadow, a_hidden_fault_fills_one_entry_and_sets_the_guests_flags) {
  shadow_guest g(shadow());
  EXPECT_EQ(g.machine.load(user, access_mode::user).exits, 1u);
  EXPECT_EQ(g.machine.count("shadow.fills"), 1u);
  EXPECT_EQ(g.tables.read_entry(user, 1) & (bit::a | bit::d), std::uint64_t{bit::a});
  EXPECT_EQ(g.machine.load(user, access_mode::user).exits, 0u);
  EXPECT_EQ(g.machine.load(user + 4096, access_mode::user).exits, 1u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow, a_clean_page_faults_again_to_be_written_and_becomes_dirty) {
  shadow_guest g(shadow());
  g.machine.load(user, access_mode::user);
  EXPECT_EQ(g.machine.store(user, 1, access_mode::user).exits, 1u);
  EXPECT_NE(g.machine.guest_qword(g.tables.entry_address(user, 1)) & bit::d, 0u);
  EXPECT_EQ(g.machine.store(user, 2, access_mode::user).exits, 0u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow, the_guests_own_fault_is_reflected_with_its_code) {
  shadow_guest g(shadow());
  const auto absent = g.machine.store(user + 2 * 4096, 1, access_mode::user);
  EXPECT_EQ(absent.fault.error_code, paging::pf::wr | paging::pf::us);
  const auto kernel_page = g.machine.load(direct, access_mode::user);
  EXPECT_EQ(kernel_page.fault.error_code, paging::pf::p | paging::pf::us);
  EXPECT_EQ(g.machine.count("shadow.reflected"), 2u);
}

TEST(vmm_shadow, large_pages_on_large_backing_are_shadowed_large) {
  shadow_guest g(shadow());
  g.machine.load(direct + 16 * mib);
  EXPECT_EQ(g.machine.load(direct + 18 * mib - 8).exits, 0u);
  EXPECT_EQ(g.machine.count("shadow.splintered"), 0u);
}

TEST(vmm_shadow, large_pages_that_hold_a_table_are_splintered) {
  shadow_guest g(shadow());
  g.machine.load(user);
  g.machine.load(direct + mib);
  EXPECT_EQ(g.machine.count("shadow.splintered"), 1u);
  EXPECT_EQ(g.machine.load(direct + mib + 4096 * 300).exits, 1u) << "another 4 KiB of the same guest page";
}

TEST(vmm_shadow, large_pages_on_scattered_memory_are_splintered) {
  shadow_guest g(shadow(shadow_policy::write_protect, 12));
  g.machine.load(direct + 16 * mib);
  EXPECT_EQ(g.machine.load(direct + 16 * mib + 4096).exits, 1u);
  EXPECT_EQ(g.machine.count("shadow.splintered"), 2u);
}

TEST(vmm_shadow, a_large_mapping_gives_way_when_a_table_moves_in) {
  shadow_guest g(shadow());
  g.machine.store(direct + 20 * mib, 0);  // mapped by 2 MiB, writable
  const std::uint64_t table = 20 * mib + 4096;
  g.machine.store(direct + table, (data_page + 8192) | leaf::x86_clean);
  g.store_entry(2 * gib, 2, table | leaf::x86_clean);
  EXPECT_EQ(g.machine.load(2 * gib).at, paging::gpa(data_page + 8192));
  const auto edit = g.machine.store(direct + table, (data_page + 4096) | leaf::x86_clean);
  EXPECT_TRUE(edit.emulated) << "the table's page is protected, though a large page was writable before";
  g.machine.invlpg(paging::gva(2 * gib));
  EXPECT_EQ(g.machine.load(2 * gib).at, paging::gpa(data_page + 4096));
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow, a_page_writable_before_it_became_a_table_is_flushed) {
  shadow_guest g(shadow(shadow_policy::write_protect, 12));
  const std::uint64_t table = 20 * mib;
  g.machine.store(direct + table, (data_page + 8192) | leaf::x86_clean);
  g.machine.cpu.flushes.clear();
  g.store_entry(2 * gib, 2, table | leaf::x86_clean);
  g.machine.load(2 * gib);
  ASSERT_FALSE(g.machine.cpu.flushes.empty());
  EXPECT_TRUE(g.machine.store(direct + table, 0).emulated);
}

TEST(vmm_shadow, write_protect_traps_every_table_store_and_fills_at_once) {
  shadow_guest g(shadow());
  g.machine.load(user, access_mode::user);
  const std::uint64_t value = (data_page + 12288) | leaf::x86;
  EXPECT_TRUE(g.store_entry(user + 8192, 1, value).emulated);
  EXPECT_TRUE(g.store_entry(user + 12288, 1, value).emulated);
  EXPECT_EQ(g.machine.store(user + 8192, 5, access_mode::user).exits, 0u) << "filled by the store, as A and D were set";
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow, a_narrowed_entry_holds_after_invlpg) {
  shadow_guest g(shadow());
  g.machine.store(user, 1, access_mode::user);
  g.store_entry(user, 1, g.tables.read_entry(user, 1) & ~std::uint64_t{bit::rw});
  g.machine.invlpg(paging::gva(user));
  const auto refused = g.machine.store(user, 2, access_mode::user);
  EXPECT_EQ(refused.fault.error_code, paging::pf::p | paging::pf::wr | paging::pf::us);
  EXPECT_EQ(g.machine.load(user, access_mode::user).loaded, 1u);
}

TEST(vmm_shadow, invlpg_of_a_splintered_page_reaches_every_fragment) {
  shadow_guest g(shadow(shadow_policy::write_protect, 12));
  g.tables.map(gib, 32 * mib, 21, leaf::x86_clean);
  g.machine.store(gib, 1);
  g.machine.store(gib + 8 * 4096, 1);
  g.store_entry(gib, 2, 34 * mib | leaf::x86_clean | bit::ps);
  g.machine.invlpg(paging::gva(gib));
  EXPECT_EQ(g.machine.load(gib + 8 * 4096).at, paging::gpa(34 * mib + 8 * 4096));
}

TEST(vmm_shadow, out_of_sync_traps_the_first_store_to_a_leaf_table_only) {
  shadow_guest g(shadow(shadow_policy::out_of_sync));
  g.machine.load(user);
  const auto first = g.store_entry(user + 8192, 1, (data_page + 8192) | leaf::x86_clean);
  EXPECT_GT(first.exits, 0u);
  EXPECT_FALSE(first.emulated);
  EXPECT_EQ(g.store_entry(user + 12288, 1, (data_page + 8192) | leaf::x86_clean).exits, 0u);
  EXPECT_EQ(g.machine.count("shadow.unsynced"), 1u);
  EXPECT_EQ(g.machine.load(user + 8192).at, paging::gpa(data_page + 8192)) << "what was not present needs no flush";
}

TEST(vmm_shadow, out_of_sync_invlpg_brings_in_that_address) {
  shadow_guest g(shadow(shadow_policy::out_of_sync));
  g.machine.store(user, 1);
  g.machine.store(user + 4096, 1);
  g.store_entry(user, 1, (data_page + 8192) | leaf::x86);
  g.machine.invlpg(paging::gva(user));
  EXPECT_EQ(g.machine.load(user).at, paging::gpa(data_page + 8192));
  EXPECT_EQ(g.machine.count("shadow.synced_addresses"), 1u);
  EXPECT_EQ(g.store_entry(user + 4096, 1, 0).exits, 0u) << "the table still lags";
}

TEST(vmm_shadow, out_of_sync_a_flushing_cr3_load_brings_all_in_and_protects) {
  shadow_guest g(shadow(shadow_policy::out_of_sync));
  g.machine.store(user, 1);
  g.machine.store(user + 4096, 1);
  g.store_entry(user, 1, 0);
  g.store_entry(user + 4096, 1, (data_page + 8192) | leaf::x86);
  g.load_cr3(g.tables.root());
  EXPECT_EQ(g.machine.count("shadow.synced_tables"), 1u);
  EXPECT_EQ(g.machine.load(user).fault.kind, paging::fault_kind::page_fault);
  EXPECT_EQ(g.machine.load(user + 4096).at, paging::gpa(data_page + 8192));
  EXPECT_GT(g.store_entry(user, 1, 0).exits, 0u) << "protected again";
}

TEST(vmm_shadow, out_of_sync_a_load_with_bit_63_leaves_the_tables_lagging) {
  shadow_guest g(shadow(shadow_policy::out_of_sync), paging::cr4::pcide);
  g.machine.store(user, 1);
  g.store_entry(user + 4096, 1, 0);
  g.load_cr3(g.tables.root() | paging::cr3::no_flush);
  EXPECT_EQ(g.machine.count("shadow.synced_tables"), 0u);
  g.load_cr3(g.tables.root());
  EXPECT_EQ(g.machine.count("shadow.synced_tables"), 1u);
}

TEST(vmm_shadow, out_of_sync_leaves_no_upper_table_writable) {
  shadow_guest g(shadow(shadow_policy::out_of_sync));
  g.machine.load(user);
  EXPECT_TRUE(g.store_entry(user + 2 * mib, 2, 0).emulated);
  // The leaf table of `user` lags; then it is linked as an upper table too.
  g.store_entry(user + 8192, 1, 0);
  const std::uint64_t leaf_table = g.tables.entry_address(user, 1) & ~std::uint64_t{4095};
  g.machine.image().write(data_page,
                          (data_page + 8192) | leaf::x86_clean);  // so that the walk through it ends in a page
  g.store_entry(3 * gib, 3, leaf_table | leaf::x86_clean);
  g.machine.load(3 * gib);
  EXPECT_EQ(g.machine.count("shadow.synced_tables"), 1u);
  EXPECT_TRUE(g.store_entry(user + 12288, 1, 0).emulated);
}

TEST(vmm_shadow, a_store_that_is_no_entry_releases_the_table) {
  shadow_guest g(shadow());
  g.machine.load(user);
  const std::uint64_t table = g.tables.entry_address(user, 1) & ~std::uint64_t{4095};
  EXPECT_TRUE(g.machine.store(direct + table + 2048, 0, access_mode::supervisor, 64).emulated);
  EXPECT_EQ(g.machine.count("shadow.released_misfit"), 1u);
  EXPECT_LE(g.machine.store(direct + table + 2112, 0, access_mode::supervisor, 64).exits, 1u);
  EXPECT_EQ(g.machine.store(direct + table + 2176, 0, access_mode::supervisor, 64).exits, 0u);
  EXPECT_EQ(g.machine.load(user).at, paging::gpa(data_page)) << "still mapped for the guest";
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow, several_stores_without_a_use_release_a_table) {
  vmm::vmm_config c = shadow();
  c.shadow.leaf_stores_unused = 5;
  shadow_guest g(c);
  g.machine.load(user);
  const std::uint64_t table = g.tables.entry_address(user, 1) & ~std::uint64_t{4095};
  for (unsigned i = 0; i < 6; ++i) EXPECT_TRUE(g.machine.store(direct + table + 2048 + 8 * i, 42).emulated);
  EXPECT_EQ(g.machine.count("shadow.released_flood"), 1u);
  g.machine.store(direct + table + 2560, 42);
  EXPECT_EQ(g.machine.store(direct + table + 2568, 42).exits, 0u);
}

TEST(vmm_shadow, a_use_begins_the_count_of_stores_anew) {
  vmm::vmm_config c = shadow();
  c.shadow.leaf_stores_unused = 2;
  shadow_guest g(c);
  for (unsigned i = 0; i < 8; ++i) {
    g.store_entry(user + 8192, 1, i << 12);
    g.store_entry(user, 1, (data_page + (i << 12)) | leaf::x86_clean);
    g.machine.invlpg(paging::gva(user));
    g.machine.load(user);
  }
  EXPECT_EQ(g.machine.count("shadow.released_flood"), 0u);
}

TEST(vmm_shadow, wp_0_lets_the_supervisor_write_a_read_only_page) {
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

TEST(vmm_shadow, wp_0_under_smep_keeps_the_supervisor_from_executing_the_page) {
  shadow_guest g(shadow(), paging::cr4::smep);
  g.tables.map(user, data_page, 12, leaf::x86_clean & ~std::uint64_t{bit::rw});
  g.machine.write_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg);
  g.machine.store(user, 9);
  EXPECT_EQ(g.machine.fetch(user).fault.error_code, paging::pf::p | paging::pf::id);
  EXPECT_FALSE(g.machine.fetch(user, access_mode::user).fault);
}

TEST(vmm_shadow, wp_0_under_smap_is_emulated_store_by_store) {
  shadow_guest g(shadow(), paging::cr4::smap);
  g.tables.map(user, data_page, 12, leaf::x86_clean & ~std::uint64_t{bit::rw});
  g.machine.write_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg);
  EXPECT_TRUE(g.machine.store(user, 9, access_mode::supervisor_ac).emulated);
  EXPECT_EQ(g.machine.load(user).fault.error_code, std::uint32_t{paging::pf::p});
  EXPECT_EQ(g.machine.load(user, access_mode::user).loaded, 9u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow, a_root_is_kept_and_reused_with_its_entries) {
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

TEST(vmm_shadow, tags_of_roots_and_pcids_differ) {
  shadow_guest g(shadow(), paging::cr4::pcide);
  std::vector<std::uint16_t> tags{g.machine.tag()};
  for (std::uint64_t pcid : {1, 2}) {
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

TEST(vmm_shadow, an_evicted_roots_tag_is_flushed_before_it_is_reused) {
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
                         testing::Values(shadow_policy::write_protect, shadow_policy::out_of_sync));

TEST(vmm_shadow, nothing_narrowed_needs_no_flush) {
  shadow_guest g(shadow());
  g.machine.store(user, 1);
  g.machine.cpu.flushes.clear();
  g.load_cr3(g.tables.root());
  EXPECT_TRUE(g.machine.cpu.flushes.empty());
}

TEST(vmm_shadow, a_page_taken_back_is_unmapped_everywhere_and_flushed) {
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

TEST(vmm_shadow, five_levels_are_shadowed_by_five) {
  shadow_guest g(shadow(), 0, 5);
  EXPECT_EQ(g.machine.store(user, 1).exits, 1u);
  EXPECT_NE(g.machine.cpu.reg(control_register::cr4) & paging::cr4::la57, 0u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow, a_register_write_the_processor_refuses_is_a_gp) {
  shadow_guest g(shadow());
  EXPECT_FALSE(g.machine.write_register(control_register::cr3, std::uint64_t{1} << 50));
  EXPECT_FALSE(g.machine.write_register(control_register::cr4, paging::cr4::pge));
  EXPECT_FALSE(g.machine.write_register(control_register::cr0, paging::cr0::pg));
  EXPECT_FALSE(g.machine.load(user).fault) << "nothing changed";
}

TEST(vmm_shadow, guest_32_bit_paging_is_an_error_that_says_so) {
  guest_machine machine("machine", shadow());
  machine.start();
  EXPECT_THROW(machine.write_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg), input_error);
}

TEST(vmm_shadow, under_svm_a_tag_is_flushed_by_tlb_control) {
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
