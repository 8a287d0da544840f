// What each invalidation takes from a TLB, and what stays.
#include <gtest/gtest.h>

#include "tlb_machine.h"

namespace {

using namespace nestwalk;
using paging::gpa;
using paging::gva;
using paging::selector;
using paging::translation_tags;
using test::all_sizes;
using test::one_array;
using test::tlb_machine;
namespace pages = tlb::pages;

constexpr std::uint64_t mib = 1024 * 1024, gib = 1024 * mib;
constexpr std::uint64_t address = 0x5000;

/// Whether the mapping of `address` under the tags survives the operation.
bool survives(const selector& s, const translation_tags& tags, bool nested_on, bool global,
              std::uint64_t at = address) {
  tlb_machine<gva> m(one_array(64, 0));
  m.walker.map(at, 0x9000, 12, nested_on ? 12 : 63, {}, global);
  m.domain.tags = tags;
  m.domain.nested_on = nested_on;
  EXPECT_TRUE(m.ask(at));
  m.asker.invalidate(s);
  EXPECT_EQ(m.walker.invalidations, 1u) << "passed down";
  return m.hits(at);
}

constexpr translation_tags now{1, 2, 3};

TEST(tlb_invalidation, invlpg_takes_the_address_of_this_pcid_and_globals) {
  EXPECT_FALSE(survives(paging::invlpg(gva(address + 0x123), now), now, true, false));
}
TEST(tlb_invalidation, invlpg_takes_linear_mappings_too) {
  EXPECT_FALSE(survives(paging::invlpg(gva(address + 0x123), now), now, false, false));
}
TEST(tlb_invalidation, invlpg_takes_a_global_of_any_pcid) {
  EXPECT_FALSE(survives(paging::invlpg(gva(address), now), {1, 9, 3}, true, true));
}
TEST(tlb_invalidation, invlpg_keeps_other_pcids) {
  EXPECT_TRUE(survives(paging::invlpg(gva(address), now), {1, 9, 3}, true, false));
}
TEST(tlb_invalidation, invlpg_keeps_other_vpids) {
  EXPECT_TRUE(survives(paging::invlpg(gva(address), now), {7, 2, 3}, true, true));
}
TEST(tlb_invalidation, invlpg_keeps_other_addresses) {
  EXPECT_TRUE(survives(paging::invlpg(gva(address), now), now, true, false, address + 0x1000));
}
TEST(tlb_invalidation, mov_cr3_keeps_globals) {
  EXPECT_TRUE(survives(paging::mov_cr3(2, now), now, true, true));
}
TEST(tlb_invalidation, mov_cr3_takes_its_pcid) {
  EXPECT_FALSE(survives(paging::mov_cr3(2, now), now, true, false));
}
TEST(tlb_invalidation, mov_cr3_keeps_other_pcids) {
  EXPECT_TRUE(survives(paging::mov_cr3(2, now), {1, 9, 3}, true, false));
}
TEST(tlb_invalidation, invept_keeps_linear_mappings) {
  EXPECT_TRUE(survives(paging::invept(paging::invept_type::all_context, 0), now, false, false));
}
TEST(tlb_invalidation, invept_takes_combined_mappings_of_its_eptp) {
  EXPECT_FALSE(survives(paging::invept(paging::invept_type::single_context, 3 << 12 | 0x1e), now, true, true));
}
TEST(tlb_invalidation, invept_keeps_combined_mappings_of_other_eptps) {
  EXPECT_TRUE(survives(paging::invept(paging::invept_type::single_context, 4 << 12), now, true, false));
}
TEST(tlb_invalidation, invvpid_takes_combined_mappings_of_any_eptp) {
  EXPECT_FALSE(survives(paging::invvpid(paging::invvpid_type::single_context, 1, {}), {1, 9, 8}, true, true));
}
TEST(tlb_invalidation, invvpid_retaining_globals_retains_them) {
  EXPECT_TRUE(
      survives(paging::invvpid(paging::invvpid_type::single_context_retaining_globals, 1, {}), now, true, true));
}
TEST(tlb_invalidation, a_selector_of_guest_physical_mappings_leaves_a_tlb_of_linear_addresses_alone) {
  EXPECT_TRUE(survives(paging::ept_violation_guest_physical(gpa(address), now), now, true, false));
}
TEST(tlb_invalidation, an_ept_violation_takes_the_combined_mapping) {
  EXPECT_FALSE(survives(paging::ept_violation_combined(gva(address), now), now, true, false));
}
TEST(tlb_invalidation, an_ept_violation_keeps_the_linear_mapping) {
  EXPECT_TRUE(survives(paging::ept_violation_combined(gva(address), now), now, false, false));
}

TEST(tlb_invalidation, an_address_takes_every_fragment_of_the_guests_page) {
  tlb_machine<gva> m(all_sizes());
  m.domain.nested_on = true;
  m.domain.tags = now;
  for (std::uint64_t i = 0; i < 16; ++i) m.walker.map(2 * mib + (i << 12), (7 + 3 * i) << 12, 21, 12);
  m.walker.map(4 * mib, 0x9000, 21, 12);
  for (std::uint64_t i = 0; i < 16; ++i) EXPECT_TRUE(m.ask(2 * mib + (i << 12)));
  EXPECT_TRUE(m.ask(4 * mib));
  m.asker.invalidate(paging::invlpg(gva(2 * mib + 0x1ff000), now));
  for (std::uint64_t i = 0; i < 16; ++i) EXPECT_FALSE(m.hits(2 * mib + (i << 12))) << i;
  EXPECT_TRUE(m.hits(4 * mib)) << "the next guest page stays";
}

TEST(tlb_invalidation, an_address_takes_every_piece_of_a_page_that_the_structure_splintered) {
  tlb_machine<gva> m(one_array(64, 4, pages::of_4k));
  m.domain.tags = now;
  m.walker.map(1 * gib, 4 * gib, 30);
  m.ask(1 * gib);
  m.ask(1 * gib + 512 * mib);
  m.asker.invalidate(paging::invlpg(gva(1 * gib + 0x7000), now));
  EXPECT_FALSE(m.hits(1 * gib));
  EXPECT_FALSE(m.hits(1 * gib + 512 * mib));
}

TEST(tlb_invalidation, an_address_takes_a_large_page_by_any_address_in_it) {
  tlb_machine<gva> m(all_sizes());
  m.domain.tags = now;
  m.walker.map(2 * mib, 8 * mib, 21);
  m.walker.map(4 * mib, 12 * mib, 22);
  m.walker.map(1 * gib, 4 * gib, 30);
  for (const std::uint64_t page : {2 * mib, 4 * mib, 1 * gib}) {
    m.ask(page);
    m.asker.invalidate(paging::invlpg(gva(page + 0x1fe000), now));
    EXPECT_FALSE(m.hits(page)) << page;
  }
}

TEST(tlb_invalidation, a_range_takes_what_it_touches) {
  tlb_machine<gva> m(all_sizes());
  m.domain.tags = now;
  for (std::uint64_t page = 0; page < 8; ++page) m.walker.map(page << 12, page << 12);
  for (std::uint64_t page = 0; page < 8; ++page) m.ask(page << 12);
  selector s = paging::whole_vpid(now);
  s.by_address = true;
  s.first = 0x2fff;
  s.last = 0x4000;
  m.asker.invalidate(s);
  for (std::uint64_t page = 0; page < 8; ++page) EXPECT_EQ(m.hits(page << 12), page < 2 || page > 4) << page;
  EXPECT_EQ(m.tlb.counts().invalidated, 3u);
}

TEST(tlb_invalidation, the_filter_forgets_what_an_invalidation_took) {
  tlb_machine<gva> m;
  m.domain.tags = now;
  m.walker.map(address, 0x9000);
  m.ask(address);
  ASSERT_TRUE(m.hits(address));
  ASSERT_TRUE(m.hits(address));
  m.walker.map(address, 0xa000);
  m.asker.invalidate(paging::invlpg(gva(address), now));
  EXPECT_FALSE(m.hits(address));
  EXPECT_EQ(m.output(), 0xa000u);
}

TEST(nested_tlb_invalidation, invept_takes_guest_physical_mappings_of_its_eptp_alone) {
  tlb_machine<gpa> m;
  m.domain.nested_on = true;
  m.domain.tags = now;
  m.walker.map(address, 0x9000, 63, 12);
  m.ask(address);
  m.asker.invalidate(paging::invept(paging::invept_type::single_context, 4 << 12));
  EXPECT_TRUE(m.hits(address));
  m.asker.invalidate(paging::invept(paging::invept_type::single_context, 3 << 12));
  EXPECT_FALSE(m.hits(address));
}

TEST(nested_tlb_invalidation, invlpg_invvpid_and_cr3_keep_guest_physical_mappings) {
  tlb_machine<gpa> m;
  m.domain.nested_on = true;
  m.domain.tags = now;
  m.walker.map(address, 0x9000, 63, 12);
  m.ask(address);
  m.asker.invalidate(paging::invlpg(gva(address), now));
  m.asker.invalidate(paging::invvpid(paging::invvpid_type::all_context, 0, {}));
  m.asker.invalidate(paging::mov_cr3(2, now));
  EXPECT_TRUE(m.hits(address));
}

TEST(nested_tlb_invalidation, an_ept_violation_takes_the_guest_physical_page) {
  tlb_machine<gpa> m(all_sizes());
  m.domain.nested_on = true;
  m.domain.tags = now;
  m.walker.map(2 * mib, 8 * mib, 63, 21);
  m.walker.map(4 * mib, 10 * mib, 63, 21);
  m.ask(2 * mib);
  m.ask(4 * mib);
  m.asker.invalidate(paging::ept_violation_guest_physical(gpa(3 * mib), now));
  EXPECT_FALSE(m.hits(2 * mib));
  EXPECT_TRUE(m.hits(4 * mib));
}

TEST(tlb_invalidation, what_is_withdrawn_below_is_dropped_and_passed_up) {
  tlb_machine<gva> m;
  m.domain.tags = now;
  m.walker.map(address, 0x9000);
  m.ask(address);
  m.walker.withdraw(paging::whole_vpid(now));
  EXPECT_EQ(m.asker.withdrawals, 1u);
  EXPECT_FALSE(m.hits(address));
}

TEST(tlb_statistics, are_described_with_totals) {
  tlb_machine<gva> m;
  m.walker.map(address, 0x9000);
  m.ask(address);
  m.ask(address);
  m.ask(0x7000);
  statistics::group root;
  m.tlb.describe(root.child("l1"));
  EXPECT_EQ(root.value("l1.hits"), 1);
  EXPECT_EQ(root.value("l1.misses"), 2);
  EXPECT_EQ(root.value("l1.misses_4k"), 1);
  EXPECT_EQ(root.value("l1.misses_faulted"), 1);
  root.reset();
  EXPECT_EQ(root.value("l1.hits"), 0);
}

}  // namespace
