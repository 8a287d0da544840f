// Stores to guest tables: emulated, left to lag, or the end of the table.
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

TEST(vmm_shadow_store, a_large_mapping_gives_way_when_a_table_moves_in) {
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

TEST(vmm_shadow_store, a_page_writable_before_it_became_a_table_is_flushed) {
  shadow_guest g(shadow(shadow_policy::write_protect, 12));
  const std::uint64_t table = 20 * mib;
  g.machine.store(direct + table, (data_page + 8192) | leaf::x86_clean);
  g.machine.cpu.flushes.clear();
  g.store_entry(2 * gib, 2, table | leaf::x86_clean);
  g.machine.load(2 * gib);
  ASSERT_FALSE(g.machine.cpu.flushes.empty());
  EXPECT_TRUE(g.machine.store(direct + table, 0).emulated);
}

TEST(vmm_shadow_store, write_protect_traps_every_table_store_and_fills_at_once) {
  shadow_guest g(shadow());
  g.machine.load(user, access_mode::user);
  const std::uint64_t value = (data_page + 12288) | leaf::x86;
  EXPECT_TRUE(g.store_entry(user + 8192, 1, value).emulated);
  EXPECT_TRUE(g.store_entry(user + 12288, 1, value).emulated);
  EXPECT_EQ(g.machine.store(user + 8192, 5, access_mode::user).exits, 0u) << "filled by the store, as A and D were set";
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow_store, an_entry_stored_that_maps_a_table_is_filled_read_only) {
  shadow_guest g(shadow());
  g.machine.load(user);
  const std::uint64_t table = g.tables.entry_address(user, 1) & ~std::uint64_t{4095};
  EXPECT_TRUE(g.store_entry(user + 8192, 1, table | leaf::x86).emulated);
  const auto edit = g.machine.store(user + 8192 + 24, (data_page + 8192) | leaf::x86);
  EXPECT_TRUE(edit.emulated) << "a store to the table through its new mapping";
  EXPECT_EQ(g.machine.load(user + 12288).at, paging::gpa(data_page + 8192));
}

TEST(vmm_shadow_store, a_table_used_twice_is_brought_in_for_both) {
  shadow_guest g(shadow());
  const std::uint64_t table = g.tables.entry_address(user, 1) & ~std::uint64_t{4095};
  g.store_entry(user + 2 * mib, 2, table | leaf::x86_clean);
  g.machine.store(user, 1);
  g.machine.store(user + 2 * mib, 1);
  g.store_entry(user, 1, (data_page + 8192) | leaf::x86);
  g.machine.invlpg(paging::gva(user));
  g.machine.invlpg(paging::gva(user + 2 * mib));
  EXPECT_EQ(g.machine.load(user).at, paging::gpa(data_page + 8192));
  EXPECT_EQ(g.machine.load(user + 2 * mib).at, paging::gpa(data_page + 8192));
}

TEST(vmm_shadow_store, a_narrowed_entry_holds_after_invlpg) {
  shadow_guest g(shadow());
  g.machine.store(user, 1, access_mode::user);
  g.store_entry(user, 1, g.tables.read_entry(user, 1) & ~std::uint64_t{bit::rw});
  g.machine.invlpg(paging::gva(user));
  const auto refused = g.machine.store(user, 2, access_mode::user);
  EXPECT_EQ(refused.fault.error_code, paging::pf::p | paging::pf::wr | paging::pf::us);
  EXPECT_EQ(g.machine.load(user, access_mode::user).loaded, 1u);
}

TEST(vmm_shadow_store, invlpg_of_a_splintered_page_reaches_every_fragment) {
  shadow_guest g(shadow(shadow_policy::write_protect, 12));
  g.tables.map(gib, 32 * mib, 21, leaf::x86_clean);
  g.machine.store(gib, 1);
  g.machine.store(gib + 8 * 4096, 1);
  g.store_entry(gib, 2, 34 * mib | leaf::x86_clean | bit::ps);
  g.machine.invlpg(paging::gva(gib));
  EXPECT_EQ(g.machine.load(gib + 8 * 4096).at, paging::gpa(34 * mib + 8 * 4096));
}

TEST(vmm_shadow_store, out_of_sync_traps_the_first_store_to_a_leaf_table_only) {
  shadow_guest g(shadow(shadow_policy::out_of_sync));
  g.machine.load(user);
  const auto first = g.store_entry(user + 8192, 1, (data_page + 8192) | leaf::x86_clean);
  EXPECT_GT(first.exits, 0u);
  EXPECT_FALSE(first.emulated);
  EXPECT_EQ(g.store_entry(user + 12288, 1, (data_page + 8192) | leaf::x86_clean).exits, 0u);
  EXPECT_EQ(g.machine.count("shadow.unsynced"), 1u);
  EXPECT_EQ(g.machine.load(user + 8192).at, paging::gpa(data_page + 8192)) << "what was not present needs no flush";
}

TEST(vmm_shadow_store, out_of_sync_invlpg_brings_in_that_address) {
  shadow_guest g(shadow(shadow_policy::out_of_sync));
  g.machine.store(user, 1);
  g.machine.store(user + 4096, 1);
  g.store_entry(user, 1, (data_page + 8192) | leaf::x86);
  g.machine.invlpg(paging::gva(user));
  EXPECT_EQ(g.machine.load(user).at, paging::gpa(data_page + 8192));
  EXPECT_EQ(g.machine.count("shadow.synced_addresses"), 1u);
  EXPECT_EQ(g.store_entry(user + 4096, 1, 0).exits, 0u) << "the table still lags";
}

TEST(vmm_shadow_store, out_of_sync_a_flushing_cr3_load_brings_all_in_and_protects) {
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

TEST(vmm_shadow_store, out_of_sync_a_load_with_bit_63_leaves_the_tables_lagging) {
  shadow_guest g(shadow(shadow_policy::out_of_sync), paging::cr4::pcide);
  g.machine.store(user, 1);
  g.store_entry(user + 4096, 1, 0);
  g.load_cr3(g.tables.root() | paging::cr3::no_flush);
  EXPECT_EQ(g.machine.count("shadow.synced_tables"), 0u);
  g.load_cr3(g.tables.root());
  EXPECT_EQ(g.machine.count("shadow.synced_tables"), 1u);
}

TEST(vmm_shadow_store, out_of_sync_leaves_no_upper_table_writable) {
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

TEST(vmm_shadow_store, a_store_that_is_no_entry_releases_the_table) {
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

TEST(vmm_shadow_store, a_misfit_store_to_the_top_table_in_use_empties_its_shadow) {
  shadow_guest g(shadow());
  const std::uint64_t far = std::uint64_t{1} << 39;
  const std::uint64_t table = g.tables.entry_address(user, 3) & ~std::uint64_t{4095};
  g.store_entry(far, 4, table | leaf::x86_clean);
  EXPECT_EQ(g.machine.load(far + user).at, paging::gpa(data_page));
  EXPECT_TRUE(g.machine.store(direct + g.tables.root() + 8, 0, access_mode::supervisor, 4).emulated);
  g.load_cr3(g.tables.root());
  EXPECT_EQ(g.machine.load(far + user).fault.kind, paging::fault_kind::page_fault);
  EXPECT_EQ(g.machine.load(user).at, paging::gpa(data_page));
}

/// A program's page beside one that is its own leaf table, as left behind by a guest that uses a table's page anew.
struct page_beside_a_table : shadow_guest {
  static constexpr std::uint64_t both = 0x80'0000;
  explicit page_beside_a_table(bool table_first) : shadow_guest(shadow()) {
    table = tables.entry_address(user, 1) & ~std::uint64_t{4095};
    tables.map(both, table_first ? table : data_page, 12, leaf::x86_clean);
    tables.map(both + 4096, table_first ? data_page : table, 12, leaf::x86_clean);
    machine.load(user, access_mode::user);
  }
  std::uint64_t table;
};

TEST(vmm_shadow_store, a_store_that_ends_in_a_table_is_emulated_in_both_pages) {
  page_beside_a_table g(false);
  EXPECT_TRUE(g.machine.store_across(g.both + 4092, 0x1122334455667788, access_mode::user).emulated);
  EXPECT_EQ(g.machine.guest_qword(data_page + 4088) >> 32, 0x55667788u);
  EXPECT_EQ(g.machine.guest_qword(g.table) & 0xffffffff, 0x11223344u);
  EXPECT_EQ(g.machine.count("shadow.released_misfit"), 1u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow_store, a_store_that_begins_in_a_table_is_emulated_in_both_pages) {
  page_beside_a_table g(true);
  EXPECT_TRUE(g.machine.store_across(g.both + 4092, 0x1122334455667788, access_mode::user).emulated);
  EXPECT_EQ(g.machine.guest_qword(g.table + 4088) >> 32, 0x55667788u);
  EXPECT_EQ(g.machine.guest_qword(data_page) & 0xffffffff, 0x11223344u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_shadow_store, a_store_into_a_table_and_an_unmapped_page_faults_and_writes_nothing) {
  page_beside_a_table g(true);
  g.tables.map(g.both + 4096, data_page, 12, 0);
  const std::uint64_t before = g.machine.guest_qword(g.table + 4088);
  const auto done = g.machine.store_across(g.both + 4092, ~std::uint64_t{0}, access_mode::user);
  EXPECT_EQ(done.fault.linear, paging::gva(g.both + 4096));
  EXPECT_EQ(g.machine.guest_qword(g.table + 4088), before);
}

TEST(vmm_shadow_store, an_upper_entry_changed_from_outside_is_seen_by_the_next_fill) {
  shadow_guest g(shadow());
  g.machine.load(user);
  const std::uint64_t table = 20 * mib;
  g.machine.image().write(table + 8, (data_page + 8192) | leaf::x86_clean);
  g.machine.image().write(g.tables.entry_address(user, 2), table | leaf::x86_clean);  // as a device would
  EXPECT_EQ(g.machine.load(user + 4096).at, paging::gpa(data_page + 8192));
  EXPECT_TRUE(g.machine.store(direct + table + 16, (data_page + 4096) | leaf::x86).emulated);
  EXPECT_EQ(g.machine.load(user + 8192).at, paging::gpa(data_page + 4096));
}

TEST(vmm_shadow_store, several_stores_without_a_use_release_a_table) {
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

TEST(vmm_shadow_store, a_use_begins_the_count_of_stores_anew) {
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

}  // namespace
}  // namespace nestwalk::test
