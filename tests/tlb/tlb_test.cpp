// Look-ups: what hits, what misses, and what a hit answers.
#include <gtest/gtest.h>

#include "tlb_machine.h"

namespace {

using namespace nestwalk;
using paging::access;
using paging::access_mode;
using paging::access_type;
using paging::gpa;
using paging::gva;
using paging::rights;
using test::all_sizes;
using test::one_array;
using test::tlb_machine;
namespace pages = tlb::pages;

constexpr std::uint64_t kib = 1024, mib = 1024 * kib, gib = 1024 * mib;

TEST(tlb, a_second_use_of_a_page_hits_with_the_offset_of_that_use) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.ask(0x5123));
  EXPECT_EQ(m.output(), 0x9123u);
  EXPECT_TRUE(m.hits(0x5ff8));
  EXPECT_EQ(m.output(), 0x9ff8u);
  EXPECT_TRUE(m.asker.t.from_cache);
  EXPECT_EQ(m.tlb.counts().hits[0], 1u);
  EXPECT_EQ(m.tlb.counts().misses[0], 1u);
}

TEST(tlb, a_large_page_is_one_entry_and_each_part_goes_where_it_should) {
  tlb_machine<gva> m(all_sizes());
  m.walker.map(2 * mib, 0x40000000, 21);
  m.walker.map(1 * gib, 4 * gib, 30);
  EXPECT_TRUE(m.ask(2 * mib + 0x1008));
  EXPECT_TRUE(m.hits(2 * mib + 0x1ff0ff));
  EXPECT_EQ(m.output(), 0x401ff0ffu);
  EXPECT_TRUE(m.ask(1 * gib));
  EXPECT_TRUE(m.hits(1 * gib + 0x3abcdef0));
  EXPECT_EQ(m.output(), 4 * gib + 0x3abcdef0);
  EXPECT_EQ(m.tlb.counts().hits[1], 1u);
  EXPECT_EQ(m.tlb.counts().hits[3], 1u);
}

TEST(tlb, a_4_mbyte_page_is_held_whole) {
  tlb_machine<gva> m(all_sizes());
  m.walker.map(4 * mib, 12 * mib, 22);
  EXPECT_TRUE(m.ask(4 * mib));
  EXPECT_TRUE(m.hits(7 * mib + 5));
  EXPECT_EQ(m.output(), 15 * mib + 5);
  EXPECT_EQ(m.tlb.counts().hits[2], 1u);
}

TEST(tlb, addresses_that_differ_only_in_high_bits_do_not_hit) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_FALSE(m.ask(0x5000 | std::uint64_t{1} << 63));
  EXPECT_FALSE(m.ask(0x5000 | std::uint64_t{1} << 47));
}

TEST(tlb, a_miss_adds_its_latency_and_that_of_the_walk_and_a_hit_only_its_own) {
  tlb::tlb_config c;
  c.cycle = sc_core::sc_time(2, sc_core::SC_NS);
  c.latency_cycles = 3;
  tlb_machine<gva> m(c);
  m.walker.map(0x5000, 0x9000);
  m.ask(0x5000);
  EXPECT_EQ(m.asker.spent, sc_core::sc_time(106, sc_core::SC_NS));
  m.ask(0x5000);
  EXPECT_EQ(m.asker.spent, sc_core::sc_time(6, sc_core::SC_NS));
}

TEST(tlb, a_fault_is_passed_up_and_not_cached) {
  tlb_machine<gva> m;
  EXPECT_FALSE(m.ask(0x5000));
  EXPECT_EQ(m.asker.t.fault.kind, paging::fault_kind::page_fault);
  EXPECT_FALSE(m.ask(0x5000));
  EXPECT_EQ(m.walker.asked, 2u);
  EXPECT_EQ(m.tlb.counts().faults, 2u);
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.ask(0x5000));
}

TEST(tlb, a_hit_that_does_not_permit_the_access_is_a_miss) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000, 12, 63, {rights::all & ~rights::writable & 0xff, 0});
  EXPECT_TRUE(m.ask(0x5000));
  m.walker.map(0x5000, 0xa000);  // software made the page writable and flushed nothing
  EXPECT_TRUE(m.ask(0x5000, {access_type::write, access_mode::user}));
  EXPECT_EQ(m.walker.asked, 2u);
  EXPECT_EQ(m.tlb.counts().by_rights, 1u);
  EXPECT_TRUE(m.hits(0x5000));
  EXPECT_EQ(m.output(), 0xa000u) << "the new answer replaces the old one";
}

TEST(tlb, an_entry_that_did_not_permit_an_access_which_then_faults_is_gone) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000, 12, 63, {rights::all & ~rights::writable & 0xff, 0});
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_TRUE(m.hits(0x5000));
  m.walker.mappings.clear();
  EXPECT_FALSE(m.ask(0x5000, {access_type::write, access_mode::user}));
  EXPECT_FALSE(m.ask(0x5000)) << "the entry was dropped, so that the walker is asked";
}

TEST(tlb, a_write_misses_until_the_dirty_flags_are_set) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000, 12, 63, {rights::all & ~rights::dirty & 0xff, 0});
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_TRUE(m.hits(0x5000));
  m.walker.map(0x5000, 0x9000);
  EXPECT_FALSE(m.hits(0x5000, {access_type::write, access_mode::supervisor}));
  EXPECT_TRUE(m.hits(0x5000, {access_type::write, access_mode::supervisor}));
}

TEST(tlb, rights_are_judged_under_the_policy_of_each_use) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000);  // a user page
  EXPECT_TRUE(m.ask(0x5000));
  paging::rights_policy::controls smap;
  smap.supervisor_access_prevention = true;
  m.domain.guest.policy = paging::rights_policy(smap);
  EXPECT_TRUE(m.hits(0x5000, {access_type::read, access_mode::supervisor_ac}));
  EXPECT_TRUE(m.hits(0x5000, {access_type::read, access_mode::user}));
  EXPECT_FALSE(m.hits(0x5000, {access_type::read, access_mode::supervisor}));
}

TEST(tlb, a_key_denied_after_the_fill_denies_the_hit) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000, 12, 63, {rights::all, 3});
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_TRUE(m.hits(0x5000));
  paging::rights_policy::controls keys;
  keys.user_keys = true;
  keys.pkru = 1u << 6;  // key 3: access disabled
  m.domain.guest.policy = paging::rights_policy(keys);
  EXPECT_FALSE(m.hits(0x5000));
}

TEST(tlb, nested_rights_are_judged_on_each_use) {
  tlb_machine<gva> m;
  m.domain.nested_on = true;
  m.domain.tags = {1, 0, 0x77};
  m.walker.map(0x5000, 0x9000, 12, 12, {rights::all & ~rights::nested_execute_user & 0xff, 0});
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_FALSE(m.hits(0x5000, {access_type::fetch, access_mode::user}));
}

TEST(tlb, linear_mappings_are_not_used_while_nested_paging_is_on_nor_combined_ones_while_it_is_off) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_FALSE(m.hits_with_tags(0x5000, {1, 0, 0}, true));
  EXPECT_TRUE(m.hits_with_tags(0x5000, {1, 0, 0}, true));
  EXPECT_TRUE(m.hits_with_tags(0x5000, {1, 0, 0}, false)) << "both are kept";
}

TEST(tlb, tags_keep_mappings_of_other_spaces_apart) {
  tlb_machine<gva> m(one_array(64, 0));
  m.walker.map(0x5000, 0x9000);
  const paging::translation_tags mine{1, 2, 3};
  m.hits_with_tags(0x5000, mine, true);
  EXPECT_TRUE(m.hits_with_tags(0x5000, mine, true));
  EXPECT_FALSE(m.hits_with_tags(0x5000, {2, 2, 3}, true));
  EXPECT_FALSE(m.hits_with_tags(0x5000, {1, 3, 3}, true));
  EXPECT_FALSE(m.hits_with_tags(0x5000, {1, 2, 4}, true));
  EXPECT_TRUE(m.hits_with_tags(0x5000, mine, true));
}

TEST(tlb, globals_ignore_the_pcid_and_nothing_else) {
  tlb_machine<gva> m(one_array(64, 0));
  m.walker.map(0x5000, 0x9000, 12, 12, {}, true);
  m.hits_with_tags(0x5000, {1, 2, 3}, true);
  EXPECT_TRUE(m.hits_with_tags(0x5000, {1, 9, 3}, true));
  EXPECT_FALSE(m.hits_with_tags(0x5000, {2, 2, 3}, true));
  EXPECT_FALSE(m.hits_with_tags(0x5000, {1, 2, 4}, true));
}

TEST(tlb, an_uncached_question_goes_straight_down_and_replaces_what_was_kept) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.ask(0x5000));
  m.walker.map(0x5000, 0xa000);
  EXPECT_TRUE(m.asker.ask(0x5000, m.domain, {}, true));
  EXPECT_EQ(m.output(), 0xa000u);
  EXPECT_EQ(m.walker.asked_uncached, 1u);
  EXPECT_TRUE(m.hits(0x5000));
  EXPECT_EQ(m.output(), 0xa000u);
}

TEST(tlb, an_uncached_question_counts_as_bypassed_and_as_no_miss) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.asker.ask(0x5000, m.domain, {}, true));
  EXPECT_FALSE(m.asker.ask(0x7000, m.domain, {}, true));
  EXPECT_EQ(m.tlb.counts().bypassed, 2u);
  EXPECT_EQ(m.tlb.counts().misses[0], 0u);
  EXPECT_EQ(m.tlb.counts().faults, 0u);
}

TEST(tlb, look_asks_below_and_leaves_no_trace) {
  tlb_machine<gva> m;
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.ask(0x5000));
  m.walker.map(0x5000, 0xa000);
  protocol::translation<gva> t;
  t.address = gva(0x5008);
  t.domain = &m.domain;
  EXPECT_TRUE(m.asker.next->look(t));
  EXPECT_EQ(t.output().value, 0xa008u) << "from the tables, never from a TLB";
  EXPECT_EQ(m.tlb.counts().hits[0], 0u);
  EXPECT_TRUE(m.hits(0x5000));
  EXPECT_EQ(m.output(), 0x9000u);
}

TEST(nested_tlb, holds_guest_physical_mappings_by_eptp_alone) {
  tlb_machine<gpa> m(one_array(64, 0));
  m.domain.nested_on = true;
  m.walker.map(0x5000, 0x9000, 63, 12);
  m.hits_with_tags(0x5000, {1, 2, 3}, true);
  EXPECT_TRUE(m.hits_with_tags(0x5000, {7, 8, 3}, true));
  EXPECT_TRUE(m.asker.t.from_cache);
  EXPECT_FALSE(m.hits_with_tags(0x5000, {1, 2, 4}, true));
}

TEST(nested_tlb, judges_nested_rights_by_what_the_question_is_for) {
  tlb_machine<gpa> m;
  m.domain.nested_on = true;
  m.walker.map(0x5000, 0x9000, 63, 12, {rights::all & ~rights::nested_write & 0xff, 0});
  EXPECT_TRUE(m.ask(0x5000));
  paging::nested_access table{access_type::read, paging::purpose::table_entry, true, {}, {}};
  EXPECT_TRUE(m.hits(0x5000, table));
  table.why = paging::purpose::flag_update;
  EXPECT_FALSE(m.hits(0x5000, table));
  m.ask(0x5000);
  m.domain.nested.table_access_is_write = true;
  table.why = paging::purpose::table_entry;
  EXPECT_FALSE(m.hits(0x5000, table));
}

TEST(nested_tlb, a_nested_write_misses_until_the_nested_dirty_flag_is_set) {
  tlb_machine<gpa> m;
  m.domain.nested_on = true;
  m.walker.map(0x5000, 0x9000, 63, 12, {rights::all & ~rights::dirty & 0xff, 0});
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_TRUE(m.hits(0x5000));
  EXPECT_FALSE(m.hits(0x5000, {access_type::write, paging::purpose::data_page, true, {}, {}}));
}

TEST(nested_tlb, keeps_nothing_while_no_second_stage_is_on) {
  tlb_machine<gpa> m;
  m.walker.map(0, 0, 63, 63);
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_FALSE(m.hits(0x5000));
}

TEST(tlb, without_arrays_passes_everything_on) {
  tlb::tlb_config c;
  c.base.entries = 0;
  tlb_machine<gva> m(c);
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_FALSE(m.hits(0x5000));
  EXPECT_EQ(m.output(), 0x9000u);
}

}  // namespace
