// Walk caches: what a hit saves, what may be kept, and what takes it away.
#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "walker/walking_machine.h"

namespace {

using nestwalk::test::machine_config;
using nestwalk::test::page_gpa;
using nestwalk::test::page_gva;
using nestwalk::test::walking_machine;
using nestwalk::walker::held_address;
using nestwalk::walker::walk_cache_config;
namespace leaf = nestwalk::test::leaf;
namespace paging = nestwalk::paging;
using paging::access_type;

constexpr std::uint64_t neighbour_gva = page_gva + 4096;
constexpr std::uint64_t neighbour_gpa = page_gpa + 4096;

walk_cache_config all_levels(held_address holds = held_address::guest_physical) {
  walk_cache_config c;
  c.pml5e = c.pml4e = c.pdpte = c.pde = {16, 0};
  c.holds = holds;
  return c;
}

machine_config with_guest_caches(held_address holds) {
  machine_config config = walking_machine::plain();
  config.guest.caches = all_levels(holds);
  return config;
}

/// Two neighbouring pages under one leaf table; the first is walked, so that the caches know the way.
void warm(walking_machine& m) {
  m.tables.map(page_gva, page_gpa);
  m.tables.map(neighbour_gva, neighbour_gpa);
  ASSERT_TRUE(m.translate(page_gva).mapped);
}

TEST(guest_walk_cache, a_hit_with_a_guest_physical_address_leaves_nine_reads) {
  walking_machine m(with_guest_caches(held_address::guest_physical));
  warm(m);
  const auto a = m.translate(neighbour_gva);
  EXPECT_EQ(a.reads, 9U);
  EXPECT_TRUE(a.answer.from_cache);
  EXPECT_EQ(a.answer.output().value, m.tables.hpa_of(neighbour_gpa));
  EXPECT_EQ(m.guest.counts().cache_hits_by_level[2], 1U);
  EXPECT_EQ(m.guest.counts().cache_misses, 1U);
}

TEST(guest_walk_cache, a_hit_with_a_host_physical_address_leaves_five_reads) {
  walking_machine m(with_guest_caches(held_address::host_physical));
  warm(m);
  const auto a = m.translate(neighbour_gva);
  EXPECT_EQ(a.reads, 5U);
  EXPECT_EQ(a.answer.output().value, m.tables.hpa_of(neighbour_gpa));
}

TEST(guest_walk_cache, a_hit_with_a_nested_tlb_hit_on_the_data_page_leaves_one_read) {
  machine_config config = with_guest_caches(held_address::host_physical);
  config.nested_tlb = true;
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  m.tables.guest.map(neighbour_gva, page_gpa, paging::page_4k, leaf::x86);  // the same page again
  ASSERT_TRUE(m.translate(page_gva).mapped);
  EXPECT_EQ(m.translate(neighbour_gva).reads, 1U);
}

TEST(nested_tlb, hits_on_every_page_leave_the_four_guest_reads) {
  machine_config config = walking_machine::plain();
  config.nested_tlb = true;
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  ASSERT_EQ(m.translate(page_gva).reads, 24U);
  EXPECT_EQ(m.translate(page_gva).reads, 4U);
}

TEST(nested_tlb, hits_on_table_pages_only_leave_eight_reads) {
  machine_config config = walking_machine::plain();
  config.nested_tlb = true;
  walking_machine m(config);
  warm(m);
  EXPECT_EQ(m.translate(neighbour_gva).reads, 8U);
}

TEST(nested_walk_cache, a_hit_leaves_one_read_of_a_nested_walk) {
  machine_config config = walking_machine::plain();
  config.nested.caches = all_levels();
  walking_machine m(config);
  warm(m);
  const auto before = m.nested.counts().reads();
  const auto a = m.translate(page_gva);
  EXPECT_EQ(m.nested.counts().reads() - before, 5U);  // four table pages and the data: the leaf entry of each
  EXPECT_EQ(a.reads, 9U);
}

TEST(guest_walk_cache, a_table_page_held_host_physical_is_used_for_its_flags_too) {
  walking_machine m(with_guest_caches(held_address::host_physical));
  warm(m);
  m.tables.guest.clear_flags(neighbour_gva, 1, paging::x86_entry::a | paging::x86_entry::d);
  const auto nested_walks = m.nested.counts().walks;
  const auto a = m.translate(neighbour_gva, access_type::write);
  ASSERT_TRUE(a.mapped);
  EXPECT_EQ(a.reads, 5U);
  EXPECT_EQ(m.nested.counts().walks - nested_walks, 1U);  // the data page: nothing is asked for the flags
  EXPECT_EQ(m.tables.guest.read_entry(neighbour_gva, 1), neighbour_gpa | leaf::x86);
}

TEST(guest_walk_cache, a_table_page_held_without_write_is_asked_again_for_its_flags) {
  walking_machine m(with_guest_caches(held_address::host_physical));
  m.tables.map(page_gva, page_gpa);
  m.tables.map(neighbour_gva, neighbour_gpa);
  const std::uint64_t entry = m.tables.guest.entry_address(neighbour_gva, 1);
  m.tables.nested.clear_flags(entry, 1, paging::ept_entry::w);
  ASSERT_TRUE(m.translate(page_gva).mapped);  // reads only
  m.tables.guest.clear_flags(neighbour_gva, 1, paging::x86_entry::a);
  const auto a = m.translate(neighbour_gva);
  ASSERT_FALSE(a.mapped);
  EXPECT_EQ(a.answer.fault.kind, paging::fault_kind::ept_violation);
  EXPECT_EQ(a.answer.fault.guest_physical.value, entry);
}

TEST(guest_walk_cache, a_table_page_held_without_write_is_asked_again_once_its_reads_count_as_writes) {
  walking_machine m(with_guest_caches(held_address::host_physical));
  m.tables.map(page_gva, page_gpa);
  m.tables.map(neighbour_gva, neighbour_gpa);
  const std::uint64_t entry = m.tables.guest.entry_address(neighbour_gva, 1);
  m.tables.nested.clear_flags(entry, 1, paging::ept_entry::w);
  ASSERT_TRUE(m.translate(page_gva).mapped);  // EPTP bit 6 is 0: the table is read
  paging::domain c = m.tables.domain();
  c.nested = paging::decode_ept({m.tables.eptp() | paging::eptp::accessed_dirty}, {});
  const auto a = m.translate(c, neighbour_gva);
  ASSERT_FALSE(a.mapped);
  EXPECT_EQ(a.answer.fault.kind, paging::fault_kind::ept_violation);
  EXPECT_EQ(a.answer.fault.guest_physical.value, entry);
}

TEST(walk_cache, keeps_nothing_of_a_walk_that_faults) {
  walking_machine m(with_guest_caches(held_address::guest_physical));
  m.tables.map(page_gva, page_gpa);
  m.tables.map(neighbour_gva, neighbour_gpa);
  for (unsigned level = 2; level <= 4; ++level) m.tables.guest.clear_flags(page_gva, level, paging::x86_entry::a);
  m.tables.guest.unmap(neighbour_gva);
  // A walk that ends in a fault sets no accessed flag, so what it read may not be kept.
  ASSERT_FALSE(m.translate(neighbour_gva).mapped);
  EXPECT_EQ(m.tables.guest.read_entry(page_gva, 2) & paging::x86_entry::a, 0U);
  EXPECT_EQ(m.translate(page_gva).reads, 24U);
  for (unsigned level = 1; level <= 4; ++level)
    EXPECT_NE(m.tables.guest.read_entry(page_gva, level) & paging::x86_entry::a, 0U);
  EXPECT_EQ(m.translate(page_gva).reads, 9U);
}

TEST(walk_cache, is_used_for_its_own_tags_only) {
  walking_machine m(with_guest_caches(held_address::guest_physical));
  warm(m);
  EXPECT_EQ(m.translate(m.tables.domain(1, 7), neighbour_gva).reads, 24U);
  EXPECT_EQ(m.translate(m.tables.domain(2, 0), neighbour_gva).reads, 24U);
  paging::domain other = m.tables.domain();
  other.tags.second += 1;
  EXPECT_EQ(m.translate(other, neighbour_gva).reads, 24U);
  EXPECT_EQ(m.translate(neighbour_gva).reads, 9U);
}

TEST(walk_cache, the_least_recently_used_entry_goes) {
  machine_config config = walking_machine::plain();
  config.guest.caches.pde = {2, 2};
  walking_machine m(config);
  constexpr std::uint64_t step = std::uint64_t{1} << 21;
  for (std::uint64_t i = 0; i < 3; ++i) m.tables.map(page_gva + i * step, page_gpa + i * 4096);
  m.translate(page_gva);
  m.translate(page_gva + step);
  EXPECT_EQ(m.translate(page_gva).reads, 9U);
  m.translate(page_gva + 2 * step);
  EXPECT_EQ(m.translate(page_gva).reads, 9U);
  EXPECT_EQ(m.translate(page_gva + step).reads, 24U);
}

TEST(walk_cache, a_set_holds_the_prefixes_that_index_it) {
  machine_config config = walking_machine::plain();
  config.guest.caches.pde = {2, 1};
  walking_machine m(config);
  constexpr std::uint64_t step = std::uint64_t{1} << 21;
  for (std::uint64_t i = 0; i < 3; ++i) m.tables.map(page_gva + i * step, page_gpa + i * 4096);
  m.translate(page_gva);
  m.translate(page_gva + step);      // the other set
  m.translate(page_gva + 2 * step);  // the first one again
  EXPECT_EQ(m.translate(page_gva + step).reads, 9U);
  EXPECT_EQ(m.translate(page_gva).reads, 24U);
}

TEST(walk_cache, ways_that_do_not_divide_the_entries_are_refused) {
  machine_config config = walking_machine::plain();
  config.guest.caches.pdpte = {6, 4};
  EXPECT_THROW(walking_machine{config}, nestwalk::input_error);
}

struct operation {
  const char* name;
  paging::selector what;
  bool guest_goes;
  bool nested_goes;
};

class invalidation : public testing::TestWithParam<int> {
 public:
  static std::vector<operation> operations(const paging::translation_tags& t) {
    const paging::gva far(0x1000);
    paging::selector by_address_only = paging::invlpg(paging::gva(page_gva), t);
    by_address_only.walk_caches = false;
    return {
        {"invlpg_of_another_address", paging::invlpg(far, t), true, false},
        {"mov_cr3", paging::mov_cr3(static_cast<std::uint16_t>(t.process), t), true, false},
        {"mov_cr3_of_another_pcid", paging::mov_cr3(static_cast<std::uint16_t>(t.process + 1), t), false, false},
        {"invept_single", paging::invept(paging::invept_type::single_context, t.second << 12), true, true},
        {"invept_of_another", paging::invept(paging::invept_type::single_context, (t.second + 1) << 12), false, false},
        {"invept_all", paging::invept(paging::invept_type::all_context, 0), true, true},
        {"invvpid", paging::invvpid(paging::invvpid_type::single_context, t.space, far), true, false},
        {"invvpid_retaining_globals",
         paging::invvpid(paging::invvpid_type::single_context_retaining_globals, t.space, far), true, false},
        {"what_leaves_walk_caches", by_address_only, false, false},
    };
  }
};

TEST_P(invalidation, takes_what_its_tags_select) {
  machine_config config = with_guest_caches(held_address::guest_physical);
  config.nested.caches = all_levels();
  walking_machine m(config);
  warm(m);
  const operation op = operations(m.tables.domain().tags)[static_cast<std::size_t>(GetParam())];
  SCOPED_TRACE(op.name);
  m.invalidate(op.what);
  const auto guest_misses = m.guest.counts().cache_misses;
  const auto nested_misses = m.nested.counts().cache_misses;
  ASSERT_TRUE(m.translate(page_gva).mapped);
  EXPECT_EQ(m.guest.counts().cache_misses != guest_misses, op.guest_goes);
  EXPECT_EQ(m.nested.counts().cache_misses != nested_misses, op.nested_goes);
}

INSTANTIATE_TEST_SUITE_P(by, invalidation, testing::Range(0, 9));

TEST(walk_cache, a_linear_one_is_apart_from_a_combined_one) {
  machine_config config = with_guest_caches(held_address::guest_physical);
  config.tables.nested = false;
  walking_machine m(config);
  warm(m);
  EXPECT_EQ(m.translate(neighbour_gva).reads, 1U);
  m.invalidate(paging::invept(paging::invept_type::all_context, 0));
  EXPECT_EQ(m.translate(neighbour_gva).reads, 1U);
  m.invalidate(paging::mov_cr3(0, m.tables.domain().tags));
  EXPECT_EQ(m.translate(neighbour_gva).reads, 4U);
}

TEST(walk_cache, a_combined_one_does_not_answer_for_a_linear_one) {
  machine_config config = with_guest_caches(held_address::guest_physical);
  config.tables.nested_tables = 0;  // nested tables at address 0: the same tags as without any
  walking_machine m(config);
  warm(m);
  nestwalk::test::two_stage_tables::config without;
  without.nested = false;
  nestwalk::test::two_stage_tables plain(nestwalk::test::tables_in(m.memory), without);
  plain.map(neighbour_gva + (std::uint64_t{1} << 39), 0x3'0000'0000);  // its tables lie where the cached ones do
  plain.map(neighbour_gva, 0x3'0000'1000);
  ASSERT_EQ(plain.domain().tags, m.tables.domain().tags);
  EXPECT_EQ(m.translate(plain.domain(), neighbour_gva).answer.output().value, 0x3'0000'1000U);
}

TEST(guest_walk_cache, what_the_second_stage_withdraws_goes_and_is_told_upwards) {
  walking_machine m(with_guest_caches(held_address::host_physical));
  warm(m);
  const paging::selector all = paging::invept(paging::invept_type::all_context, 0);
  for (int i = 0; i < m.nested.requests.size(); ++i) m.nested.requests[i]->withdrawn(all);
  EXPECT_EQ(m.cpu.withdrawals, 1U);
  EXPECT_EQ(m.translate(neighbour_gva).reads, 24U);
}

TEST(walker, a_clock_without_a_period_is_refused) {
  machine_config config = walking_machine::plain();
  config.guest.cycle = sc_core::SC_ZERO_TIME;
  EXPECT_THROW(walking_machine{config}, nestwalk::input_error);
}

}  // namespace
