#include <gtest/gtest.h>

#include "nestwalk/memory/cache.h"
#include "nestwalk/protocol/error.h"
#include "support.h"

namespace nestwalk::memory {
namespace {

using protocol::memory_level;
using test::bind_watched;
using test::elaborate;
using test::ns;

/// Two sets of two ways, 64-byte lines, 3 ns a look-up, over plain memory of 100 ns.
cache_config small(bool filter = true) {
  cache_config c;
  c.size = 256;
  c.ways = 2;
  c.latency_cycles = 3;
  c.filter = filter;
  return c;
}

struct one_cache : testing::TestWithParam<bool> {
  one_cache() {
    bind_watched(cpu.memory, l1.cpu_side);
    bind_watched(l1.memory_side, memory.cpu_side);
    elaborate();
  }
  /// Lines of set 0 are the even ones.
  static std::uint64_t line(unsigned n) { return 64 * n; }

  test::initiator cpu{"cpu"};
  cache l1{"l1", small(GetParam())};
  test::plain_target memory{"memory", 1 << 16};
};
INSTANTIATE_TEST_SUITE_P(filter, one_cache, testing::Bool(),
                         [](const auto& info) { return info.param ? "on" : "off"; });

TEST_P(one_cache, a_miss_adds_the_fill_to_the_look_up) {
  EXPECT_EQ(cpu.read(0), ns(3 + 100));
}

TEST_P(one_cache, a_hit_is_one_look_up) {
  cpu.read(0);
  EXPECT_EQ(cpu.read(0), ns(3));
  EXPECT_EQ(cpu.read(56), ns(3));
  EXPECT_EQ(cpu.write(8, 1), ns(3));
  EXPECT_EQ(l1.counts().read_hits, 2u);
  EXPECT_EQ(l1.counts().write_hits, 1u);
  EXPECT_EQ(l1.counts().read_misses, 1u);
}

TEST_P(one_cache, a_write_miss_fetches_its_line) {
  EXPECT_EQ(cpu.write(0, 1), ns(103));
  ASSERT_EQ(memory.calls.size(), 1u);
  EXPECT_EQ(memory.calls[0].command, tlm::TLM_READ_COMMAND);
  EXPECT_EQ(memory.calls[0].length, 64u);
  EXPECT_TRUE(l1.dirty(0));
  EXPECT_EQ(l1.counts().write_misses, 1u);
}

TEST_P(one_cache, a_fill_reads_the_whole_line_once) {
  cpu.read(72);
  ASSERT_EQ(memory.calls.size(), 1u);
  EXPECT_EQ(memory.calls[0].address, 64u);
  EXPECT_EQ(memory.calls[0].length, 64u);
}

TEST_P(one_cache, the_least_recently_used_line_makes_room) {
  cpu.read(line(0));
  cpu.read(line(2));
  cpu.read(line(0));
  cpu.read(line(4));
  EXPECT_TRUE(l1.holds(line(0)));
  EXPECT_FALSE(l1.holds(line(2)));
  EXPECT_TRUE(l1.holds(line(4)));
}

TEST_P(one_cache, a_write_hit_counts_as_a_use) {
  cpu.read(line(0));
  cpu.read(line(2));
  cpu.write(line(0), 1);
  cpu.read(line(4));
  EXPECT_TRUE(l1.holds(line(0)));
  EXPECT_FALSE(l1.holds(line(2)));
}

TEST_P(one_cache, sets_do_not_displace_each_other) {
  cpu.read(line(0));
  for (unsigned odd = 1; odd < 20; odd += 2) cpu.read(line(odd));
  EXPECT_TRUE(l1.holds(line(0)));
}

TEST_P(one_cache, a_clean_line_leaves_without_a_word) {
  for (unsigned even = 0; even < 8; even += 2) cpu.read(line(even));
  EXPECT_EQ(l1.counts().evictions, 2u);
  EXPECT_EQ(l1.counts().write_backs, 0u);
  EXPECT_EQ(memory.calls.size(), 4u);
}

TEST_P(one_cache, a_dirty_line_is_written_back_after_the_fill_and_nobody_waits) {
  cpu.write(line(0), 1);
  cpu.read(line(2));
  EXPECT_EQ(cpu.read(line(4), ns(50)), ns(103));
  EXPECT_EQ(l1.counts().write_backs, 1u);
  ASSERT_EQ(memory.calls.size(), 4u);
  EXPECT_EQ(memory.calls[3].command, tlm::TLM_WRITE_COMMAND);
  EXPECT_EQ(memory.calls[3].address, line(0));
  EXPECT_EQ(memory.calls[3].length, 64u);
  EXPECT_EQ(memory.calls[3].at, ns(50 + 103));
}

TEST_P(one_cache, a_line_written_back_is_clean_when_it_returns) {
  cpu.write(line(0), 1);
  cpu.read(line(2));
  cpu.read(line(4));
  cpu.read(line(0));
  EXPECT_TRUE(l1.holds(line(0)));
  EXPECT_FALSE(l1.dirty(line(0)));
}

TEST_P(one_cache, an_access_across_lines_is_two_look_ups) {
  EXPECT_EQ(cpu.read(60), ns(3 + 100 + 3 + 100));
  EXPECT_EQ(cpu.read(60), ns(3 + 3));
  EXPECT_EQ(l1.counts().read_hits, 2u);
  EXPECT_EQ(l1.counts().read_misses, 2u);
}

TEST_P(one_cache, an_exchange_counts_as_a_write_and_makes_the_line_dirty_even_if_it_does_not_swap) {
  cpu.read(0);
  EXPECT_EQ(cpu.exchange(0, 99, 1), ns(3));
  EXPECT_FALSE(cpu.payload.exchange().swapped);
  EXPECT_TRUE(l1.dirty(0));
  EXPECT_EQ(l1.counts().write_hits, 1u);
  EXPECT_EQ(l1.counts().exchanges, 1u);
}

TEST_P(one_cache, debug_transport_takes_no_time_and_leaves_no_trace) {
  cpu.debug_read(0);
  EXPECT_FALSE(l1.holds(0));
  EXPECT_EQ(l1.counts().read_misses, 0u);
  EXPECT_TRUE(memory.calls.empty());
}

TEST_P(one_cache, served_by_names_the_cache_on_a_hit_only) {
  cpu.read(0);
  EXPECT_EQ(cpu.served_by(), memory_level::none) << "plain memory does not say";
  cpu.read(0);
  EXPECT_EQ(cpu.served_by(), memory_level::l1);
}

/// Two levels: l1 as above, l2 of one set of four ways and 10 ns.
struct two_caches : testing::Test {
  two_caches() {
    bind_watched(cpu.memory, l1.cpu_side);
    bind_watched(walker.memory, l2.cpu_side);
    bind_watched(l1.memory_side, l2.cpu_side);
    bind_watched(l2.memory_side, memory.cpu_side);
    elaborate();
  }
  static cache_config second() {
    cache_config c = small();
    c.ways = 4;
    c.latency_cycles = 10;
    c.level = memory_level::l2;
    return c;
  }
  test::initiator cpu{"cpu"};
  test::initiator walker{"walker"};
  cache l1{"l1", small()};
  cache l2{"l2", second()};
  test::plain_target memory{"memory", 1 << 16};
};

TEST_F(two_caches, each_level_adds_its_look_up) {
  EXPECT_EQ(cpu.read(0), ns(3 + 10 + 100));
  EXPECT_EQ(cpu.read(0), ns(3));
}

TEST_F(two_caches, an_l1_miss_is_served_by_l2) {
  cpu.read(0);
  cpu.read(128);
  cpu.read(256);  // displaces 0 from l1
  EXPECT_EQ(cpu.read(0), ns(3 + 10));
  EXPECT_EQ(cpu.served_by(), memory_level::l2);
  EXPECT_EQ(l2.counts().read_hits, 1u);
}

TEST_F(two_caches, an_initiator_may_enter_at_l2) {
  cpu.read(0);
  EXPECT_EQ(walker.read(8), ns(10));
  EXPECT_EQ(walker.served_by(), memory_level::l2);
}

TEST_F(two_caches, a_write_back_that_hits_makes_the_line_below_dirty) {
  cpu.write(0, 1);
  EXPECT_FALSE(l2.dirty(0));
  cpu.read(128);
  cpu.read(256);
  EXPECT_TRUE(l2.dirty(0));
  EXPECT_EQ(l2.counts().write_back_hits, 1u);
}

TEST_F(two_caches, a_write_back_that_misses_allocates_without_a_fill) {
  cpu.write(0, 1);
  cpu.read(128);
  for (std::uint64_t n = 10; n < 14; ++n) walker.read(64 * n);  // displaces 0 and 128 from l2
  ASSERT_FALSE(l2.holds(0));
  const auto fills = memory.calls.size();
  cpu.read(256);
  EXPECT_TRUE(l2.dirty(0));
  EXPECT_EQ(l2.counts().write_back_misses, 1u);
  EXPECT_EQ(memory.calls.size(), fills + 1) << "the fill of 256 and nothing else";
}

TEST(cache, a_shape_that_makes_no_cache_is_an_input_error) {
  const auto made = [](std::uint64_t size, unsigned ways, unsigned line) {
    cache_config c;
    c.size = size;
    c.ways = ways;
    c.line = line;
    cache made("cache", c);
  };
  EXPECT_THROW(made(1000, 8, 64), input_error);
  EXPECT_THROW(made(3 * 512, 8, 64), input_error);
  EXPECT_THROW(made(32768, 0, 64), input_error);
  EXPECT_THROW(made(32768, 8, 48), input_error);
  EXPECT_NO_THROW(made(11 * 64 * 2048, 11, 64));
}

}  // namespace
}  // namespace nestwalk::memory
