// Fills: sizes, splintering, replacement, the filter.
#include <random>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "tlb_machine.h"

namespace {

using namespace nestwalk;
using paging::gva;
using test::all_sizes;
using test::one_array;
using test::tlb_machine;
using tlb::replacement_policy;
namespace pages = tlb::pages;

constexpr std::uint64_t mib = 1024 * 1024, gib = 1024 * mib;

void ask_pages(tlb_machine<gva>& m, std::initializer_list<std::uint64_t> pages) {
  for (const std::uint64_t page : pages) m.ask(page << 12);
}

TEST(tlb, a_size_that_no_array_holds_is_splintered_to_the_biggest_smaller_one) {
  tlb::tlb_config c;
  c.base = {16, 4, pages::of_4k};
  c.large = {16, 4, pages::of_2m};
  tlb_machine<gva> m(c);
  m.walker.map(0, 8 * gib, 30);
  EXPECT_TRUE(m.ask(5 * mib));
  EXPECT_TRUE(m.hits(4 * mib));
  EXPECT_EQ(m.output(), 8 * gib + 4 * mib);
  EXPECT_FALSE(m.hits(7 * mib)) << "only the piece that was touched is held";
  EXPECT_EQ(m.output(), 8 * gib + 7 * mib);
  EXPECT_EQ(m.tlb.counts().splintered, 2u);
  EXPECT_EQ(m.tlb.counts().unheld_size, 2u);
  EXPECT_EQ(m.tlb.counts().misses[3], 2u);
}

TEST(tlb, a_guest_page_over_smaller_nested_pages_is_held_by_the_smaller_and_counted_splintered) {
  tlb_machine<gva> m(all_sizes());
  m.domain.nested_on = true;
  m.walker.map(2 * mib, 0x9000, 21, 12);
  m.walker.map(2 * mib + 0x1000, 0x30000, 21, 12);
  EXPECT_TRUE(m.ask(2 * mib));
  EXPECT_FALSE(m.hits(2 * mib + 0x1000));
  EXPECT_EQ(m.output(), 0x30000u);
  EXPECT_EQ(m.tlb.counts().splintered, 2u);
  EXPECT_EQ(m.tlb.counts().unheld_size, 0u);
}

TEST(tlb, a_mapping_smaller_than_any_size_held_is_not_kept) {
  tlb_machine<gva> m(one_array(16, 4, pages::of_2m));
  m.walker.map(0x5000, 0x9000);
  EXPECT_TRUE(m.ask(0x5000));
  EXPECT_FALSE(m.hits(0x5000));
}

TEST(tlb, page_sizes_in_arrays_of_their_own_do_not_compete) {
  tlb::tlb_config c;
  c.base = {4, 0, pages::of_4k};
  c.large = {1, 0, pages::of_2m};
  tlb_machine<gva> m(c);
  m.walker.map(2 * mib, 64 * mib, 21);
  for (std::uint64_t page = 0; page < 8; ++page) m.walker.map(page << 12, page << 12);
  m.ask(2 * mib);
  for (std::uint64_t page = 0; page < 8; ++page) m.ask(page << 12);
  EXPECT_TRUE(m.hits(2 * mib));
}

TEST(tlb, lru_evicts_what_was_used_longest_ago) {
  tlb_machine<gva> m(one_array(4, 0));
  for (std::uint64_t page = 0; page < 8; ++page) m.walker.map(page << 12, page << 12);
  ask_pages(m, {0, 1, 2, 3, 0, 4});
  EXPECT_EQ(m.tlb.counts().evictions, 1u);
  EXPECT_TRUE(m.hits(0));
  EXPECT_FALSE(m.hits(0x1000));
}

TEST(tlb, fifo_evicts_what_was_filled_longest_ago) {
  tlb_machine<gva> m(one_array(4, 0, pages::of_4k, replacement_policy::fifo));
  for (std::uint64_t page = 0; page < 8; ++page) m.walker.map(page << 12, page << 12);
  ask_pages(m, {0, 1, 2, 3, 0, 4});
  EXPECT_TRUE(m.hits(0x1000));
  EXPECT_FALSE(m.hits(0));
}

TEST(tlb, tree_plru_evicts_where_the_tree_points) {
  tlb_machine<gva> m(one_array(4, 0, pages::of_4k, replacement_policy::tree_plru));
  for (std::uint64_t page = 0; page < 8; ++page) m.walker.map(page << 12, page << 12);
  // After 0 1 2 3 0 the root points right, and its right node left: way 2.
  ask_pages(m, {0, 1, 2, 3, 0, 4});
  EXPECT_TRUE(m.hits(0));
  EXPECT_TRUE(m.hits(0x1000));
  EXPECT_TRUE(m.hits(0x3000));
  EXPECT_FALSE(m.hits(0x2000));
}

TEST(replacement, a_tree_over_ways_that_are_no_power_of_two_names_only_ways_that_exist) {
  for (const unsigned ways : {12u, 200u}) {
    tlb::replacement r(replacement_policy::tree_plru, 1, ways, 1);
    std::vector<unsigned> taken(ways);
    for (unsigned i = 0; i < 100 * ways; ++i) {
      const unsigned way = r.victim(0);
      ASSERT_LT(way, ways);
      ++taken[way];
      r.filled(0, way);
    }
    for (unsigned way = 0; way < ways; ++way) EXPECT_GT(taken[way], 0u) << way << " of " << ways;
  }
}

TEST(tlb, random_replacement_is_the_same_for_the_same_seed) {
  const auto victims = [](std::uint32_t seed) {
    tlb::replacement r(replacement_policy::random, 1, 16, seed);
    std::vector<unsigned> v;
    for (int i = 0; i < 32; ++i) v.push_back(r.victim(0));
    return v;
  };
  EXPECT_EQ(victims(7), victims(7));
  EXPECT_NE(victims(7), victims(8));
}

TEST(tlb, a_set_holds_as_many_pages_as_it_has_ways) {
  tlb_machine<gva> m(one_array(8, 2));  // 4 sets
  for (std::uint64_t page = 0; page < 32; ++page) m.walker.map(page << 12, page << 12);
  ask_pages(m, {1, 5, 9});
  EXPECT_FALSE(m.hits(0x1000));
  m.ask(2 << 12);
  EXPECT_TRUE(m.hits(9 << 12)) << "other sets are left alone";
}

TEST(tlb, sets_that_are_no_power_of_two_hold_every_page) {
  tlb_machine<gva> m(one_array(24, 2));  // 12 sets
  for (std::uint64_t page = 0; page < 24; ++page) m.walker.map(page << 12, page << 12);
  for (std::uint64_t page = 0; page < 24; ++page) m.ask(page << 12);
  for (std::uint64_t page = 0; page < 24; ++page) EXPECT_TRUE(m.hits(page << 12));
}

TEST(tlb, sizes_that_make_no_array_are_refused_with_a_message) {
  const auto message = [](const tlb::array_config& c,
                          replacement_policy policy = replacement_policy::lru) -> std::string {
    try {
      tlb::tlb_array array(c, policy, 1, "mmu.l2_tlb");
    } catch (const input_error& e) {
      return e.what();
    }
    return {};
  };
  EXPECT_NE(message({64, 5}).find("mmu.l2_tlb: 5 ways do not divide 64 entries"), std::string::npos);
  EXPECT_NE(message({0, 1}).find("0 entries"), std::string::npos);
  EXPECT_NE(message({64, 4, 0}).find("no page size"), std::string::npos);
  EXPECT_EQ(message({128, 0, pages::of_4k}, replacement_policy::tree_plru), "");
  EXPECT_EQ(message({1536, 12, pages::of_4k | pages::of_2m}), "");
}

// The machines of one configuration with the filter and without, asked the same at random.
void compare_with_and_without_filter(replacement_policy policy, unsigned seed) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  tlb::tlb_config c;
  c.base = {16, 4, pages::of_4k};
  c.large = {8, 4, pages::of_2m | pages::of_4k};
  c.huge = {2, 0, pages::of_1g};
  c.replacement = policy;
  test::translation_asker<gva> asker_a("asker_a"), asker_b("asker_b");
  tlb::tlb<gva> with("with", c);
  c.filter = false;
  tlb::tlb<gva> without("without", c);
  test::fake_translator<gva> walker_a("walker_a"), walker_b("walker_b");
  asker_a.next.bind(with.requests);
  asker_b.next.bind(without.requests);
  with.next_level.bind(walker_a.requests);
  without.next_level.bind(walker_b.requests);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);

  std::mt19937 random(seed);
  // Software that edits its tables and forgets to flush: sizes overlap, globals come and go.
  std::uint64_t generation = 0;
  const auto edit = [&](test::fake_translator<gva>::question& t) {
    std::mt19937 of_address(static_cast<unsigned>(t.address.value >> 21) + static_cast<unsigned>(generation));
    const unsigned log2 = std::array<unsigned, 4>{12, 12, 21, 30}[of_address() % 4];
    t.mapping = {};
    t.mapping.guest_size_log2 = static_cast<std::uint8_t>(log2);
    t.mapping.page = paging::hpa((t.address.value + (generation << 32)) >> log2 << log2);
    t.mapping.granted.bits = (of_address() % 3 == 0) ? 0x7f : 0xff;
    t.mapping.global = of_address() % 4 == 0;
    return true;
  };
  walker_a.answer = walker_b.answer = edit;
  for (unsigned i = 0; i < 20000; ++i) {
    paging::domain domain;
    domain.tags = {1, static_cast<std::uint16_t>(random() % 2), 0};
    const std::uint64_t address = (random() % 6) << 30 | (random() % 3) << 21 | (random() % 12) << 12 | random() % 4096;
    paging::access a;
    a.type = static_cast<paging::access_type>(random() % 3);
    const bool uncached = random() % 50 == 0;
    if (random() % 100 == 0) ++generation;
    if (random() % 300 == 0) {
      const paging::selector s = paging::invlpg(gva(address), domain.tags);
      asker_a.invalidate(s);
      asker_b.invalidate(s);
    }
    ASSERT_EQ(asker_a.ask(address, domain, a, uncached), asker_b.ask(address, domain, a, uncached));
    ASSERT_EQ(asker_a.t.output(), asker_b.t.output()) << "operation " << i;
    ASSERT_EQ(walker_a.asked, walker_b.asked) << "operation " << i;
  }
  const auto& x = with.counts();
  const auto& y = without.counts();
  EXPECT_EQ(x.hits, y.hits);
  EXPECT_EQ(x.misses, y.misses);
  EXPECT_EQ(x.by_rights, y.by_rights);
  EXPECT_EQ(x.evictions, y.evictions);
  EXPECT_EQ(x.invalidated, y.invalidated);
  EXPECT_EQ(x.splintered, y.splintered);
  EXPECT_GT(x.hits[0] + x.hits[1] + x.hits[3], 4000u);
}

TEST(tlb, every_count_is_the_same_without_the_filter_under_lru) {
  compare_with_and_without_filter(replacement_policy::lru, 1);
}
TEST(tlb, every_count_is_the_same_without_the_filter_under_tree_plru) {
  compare_with_and_without_filter(replacement_policy::tree_plru, 2);
}
TEST(tlb, every_count_is_the_same_without_the_filter_under_fifo) {
  compare_with_and_without_filter(replacement_policy::fifo, 3);
}
TEST(tlb, every_count_is_the_same_without_the_filter_under_random) {
  compare_with_and_without_filter(replacement_policy::random, 4);
}

}  // namespace
