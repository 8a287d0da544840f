// A hit never faults: what is cached and stale costs a second walk, and no fault.
#include <gtest/gtest.h>

#include "walker/walking_machine.h"

namespace {

using nestwalk::test::asked;
using nestwalk::test::machine_config;
using nestwalk::test::page_gpa;
using nestwalk::test::page_gva;
using nestwalk::test::walking_machine;
using nestwalk::walker::held_address;
namespace leaf = nestwalk::test::leaf;
namespace paging = nestwalk::paging;
using paging::access_type;

constexpr std::uint64_t neighbour_gva = page_gva + 4096;
constexpr std::uint64_t neighbour_gpa = page_gpa + 4096;

machine_config cached() {
  machine_config config = walking_machine::plain();
  config.guest.caches.pde = {8, 0};
  return config;
}

/// Moves the leaf table elsewhere with `flags` in the PDE, and leaves the old one empty, without any invalidation.
void move_leaf_table(walking_machine& m, std::uint64_t flags) {
  constexpr std::uint64_t new_table = 0x5000'0000;
  m.tables.back(new_table, paging::page_4k);
  const std::uint64_t old_entry = m.tables.guest.entry_address(neighbour_gva, 1);
  m.memory.write(m.tables.hpa_of(new_table + (old_entry & 4095)), neighbour_gpa | leaf::x86);
  m.tables.guest.unmap(neighbour_gva);
  m.tables.guest.write_entry(neighbour_gva, 2, new_table | flags);
}

TEST(rewalk, a_fault_of_a_stale_walk_cache_entry_is_walked_again_and_maps) {
  walking_machine m(cached());
  m.tables.map(page_gva, page_gpa);
  m.tables.map(neighbour_gva, neighbour_gpa);
  ASSERT_TRUE(m.translate(page_gva).mapped);
  move_leaf_table(m, leaf::x86_clean | paging::x86_entry::a);

  const asked a = m.translate(neighbour_gva);

  ASSERT_TRUE(a.mapped);
  EXPECT_EQ(a.answer.output().value, m.tables.hpa_of(neighbour_gpa));
  EXPECT_FALSE(a.answer.from_cache);
  EXPECT_EQ(m.guest.counts().rewalks, 1U);
  EXPECT_EQ(m.guest.counts().faults(), 0U);
  EXPECT_EQ(a.reads, 5U + 24U);  // the stale leaf entry and its page, then all
  // The second walk is timed, and counted apart: 24 reads of 10 ns and a cycle.
  EXPECT_EQ(m.guest.counts().rewalk_cycles, 24U * 11);
  EXPECT_EQ(a.took, sc_core::sc_time(29 * 11 + 1, sc_core::SC_NS));
  // It put the entry right.
  EXPECT_EQ(m.translate(neighbour_gva).reads, 9U);
}

TEST(rewalk, counts_its_reads_apart_in_both_stages) {
  walking_machine m(cached());
  m.tables.map(page_gva, page_gpa);
  m.tables.map(neighbour_gva, neighbour_gpa);
  ASSERT_TRUE(m.translate(page_gva).mapped);
  move_leaf_table(m, leaf::x86_clean | paging::x86_entry::a);
  const auto guest_before = m.guest.counts();
  const auto nested_before = m.nested.counts();

  ASSERT_TRUE(m.translate(neighbour_gva).mapped);

  EXPECT_EQ(m.guest.counts().again.reads(), 4U);
  EXPECT_EQ(m.nested.counts().again.reads(), 20U);
  EXPECT_EQ(m.nested.counts().rewalks, 5U) << "one for each table page and for the data";
  EXPECT_EQ(m.guest.counts().walks - guest_before.walks, 1U);
  EXPECT_EQ(m.guest.counts().reads() - guest_before.reads(), 1U) << "the leaf entry that was stale";
  EXPECT_EQ(m.nested.counts().walks - nested_before.walks, 1U) << "its table's page";
  EXPECT_EQ(m.nested.counts().latency.count() - nested_before.latency.count(), 1U);
}

TEST(rewalk, a_true_fault_is_reported_once_from_the_walk_with_nothing_cached) {
  walking_machine m(cached());
  m.tables.map(page_gva, page_gpa);
  ASSERT_TRUE(m.translate(page_gva).mapped);
  const asked a = m.translate(neighbour_gva);
  ASSERT_FALSE(a.mapped);
  EXPECT_EQ(a.answer.fault.kind, paging::fault_kind::page_fault);
  EXPECT_EQ(a.answer.fault.linear.value, neighbour_gva);
  EXPECT_EQ(m.guest.counts().rewalks, 1U);
  EXPECT_EQ(m.guest.counts().faults(), 1U);
}

TEST(rewalk, a_fault_with_nothing_cached_is_not_walked_again) {
  walking_machine m;
  m.tables.map(page_gva, page_gpa);
  const asked a = m.translate(neighbour_gva);
  ASSERT_FALSE(a.mapped);
  EXPECT_EQ(m.guest.counts().rewalks, 0U);
  EXPECT_EQ(a.reads, 20U);
}

TEST(rewalk, a_stale_nested_tlb_entry_under_a_table_is_walked_again) {
  machine_config config = walking_machine::plain();
  config.nested_tlb = true;
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  ASSERT_TRUE(m.translate(page_gva).mapped);
  // The leaf table's page moves in host memory; the old copy loses the entry, and nobody invalidates.
  const std::uint64_t entry = m.tables.guest.entry_address(page_gva, 1);
  const std::uint64_t new_host = 0x20'0000'0000;
  m.memory.write(new_host + (entry & 4095), page_gpa | leaf::x86);
  m.tables.guest.unmap(page_gva);
  m.tables.nested.map(entry & ~std::uint64_t{4095}, new_host, paging::page_4k, leaf::ept);

  const asked a = m.translate(page_gva);

  ASSERT_TRUE(a.mapped);
  EXPECT_EQ(m.guest.counts().rewalks, 1U);
  EXPECT_EQ(a.reads, 4U + 24U);
}

TEST(rewalk, the_nested_walker_rewalks_by_itself) {
  machine_config config = walking_machine::plain();
  config.nested.caches.pde = {64, 0};
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  ASSERT_TRUE(m.translate(page_gva).mapped);
  // A page mapped in another leaf table of the same 2 MBytes, which the stale PDE does not lead to.
  constexpr std::uint64_t new_table = 0x9000'0000;
  const std::uint64_t old_entry = m.tables.nested.entry_address(neighbour_gpa, 1);
  m.memory.write(new_table + (old_entry & 4095), m.tables.hpa_of(neighbour_gpa) | leaf::ept);
  const std::uint64_t kept = m.tables.nested.read_entry(page_gpa, 1);
  m.memory.write(new_table + (m.tables.nested.entry_address(page_gpa, 1) & 4095), kept);
  m.tables.nested.write_entry(neighbour_gpa, 2, new_table | leaf::ept_rwx | paging::ept_entry::a);
  m.tables.guest.map(neighbour_gva, neighbour_gpa, paging::page_4k, leaf::x86);

  ASSERT_TRUE(m.translate(neighbour_gva).mapped);
  EXPECT_EQ(m.nested.counts().rewalks, 1U);
  EXPECT_EQ(m.guest.counts().rewalks, 0U);
}

TEST(rewalk, an_uncached_question_uses_nothing_cached_in_either_stage) {
  machine_config config = cached();
  config.nested.caches.pde = {64, 0};
  config.nested_tlb = true;
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  ASSERT_TRUE(m.translate(page_gva).mapped);
  const asked a = m.translate(page_gva, access_type::read, /*uncached=*/true);
  ASSERT_TRUE(a.mapped);
  EXPECT_EQ(a.reads, 24U);
  EXPECT_FALSE(a.answer.from_cache);
}

}  // namespace
