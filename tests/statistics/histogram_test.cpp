#include "nestwalk/statistics/histogram.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace {

using nestwalk::statistics::histogram;

TEST(histogram, is_all_zero_when_empty) {
  const histogram empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.sum(), 0u);
  EXPECT_EQ(empty.max(), 0u);
  EXPECT_EQ(empty.mean(), 0.0);
  EXPECT_EQ(empty.percentile(99), 0u);
  EXPECT_TRUE(empty.buckets().empty());
}

TEST(histogram, keeps_count_sum_max_and_mean_exactly) {
  histogram values;
  for (const std::uint64_t each : {3u, 100'000u, 999'999u, 6u}) values.add(each);
  EXPECT_EQ(values.count(), 4u);
  EXPECT_EQ(values.sum(), 1'100'008u);
  EXPECT_EQ(values.max(), 999'999u);
  EXPECT_EQ(values.mean(), 275'002.0);
}

TEST(histogram, gives_exact_percentiles_by_nearest_rank_below_128) {
  histogram values;
  for (std::uint64_t each = 1; each <= 100; ++each) values.add(each);
  EXPECT_EQ(values.percentile(0), 1u);
  EXPECT_EQ(values.percentile(1), 1u);
  EXPECT_EQ(values.percentile(50), 50u);
  EXPECT_EQ(values.percentile(99), 99u);
  EXPECT_EQ(values.percentile(100), 100u);
}

TEST(histogram, gives_no_percentile_above_the_maximum) {
  histogram values;
  values.add(1'000'001);
  EXPECT_EQ(values.percentile(50), 1'000'001u);
}

TEST(histogram, bounds_the_error_of_a_percentile_by_a_64th) {
  constexpr unsigned seed = 7;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < 10'000; ++trial) {
    const std::uint64_t value = random() >> (random() % 64);
    histogram values;
    values.add(value);
    values.add(std::numeric_limits<std::uint64_t>::max());
    const std::uint64_t answer = values.percentile(50);
    ASSERT_GE(answer, value);
    ASSERT_LE(answer - value, value / 64);
  }
}

TEST(histogram, has_buckets_that_hold_their_values_and_meet_without_gap) {
  histogram values;
  for (unsigned shift = 0; shift < 64; ++shift) {
    values.add(std::uint64_t{1} << shift);
    values.add((std::uint64_t{1} << shift) - 1);
  }
  values.add(std::numeric_limits<std::uint64_t>::max());
  std::uint64_t counted = 0;
  std::uint64_t next = 0;
  for (const histogram::bucket& each : values.buckets()) {
    EXPECT_GE(each.from, next);
    EXPECT_LE(each.from, each.to);
    next = each.to + 1;
    counted += each.count;
  }
  EXPECT_EQ(next, 0u) << "the last bucket ends with the last 64-bit value";
  EXPECT_EQ(counted, values.count());

  histogram neighbours;
  for (std::uint64_t each = 0; each < 100'000; ++each) neighbours.add(each);
  next = 0;
  for (const histogram::bucket& each : neighbours.buckets()) {
    EXPECT_EQ(each.from, next);
    EXPECT_EQ(each.count, std::min<std::uint64_t>(each.to, 99'999) - each.from + 1);
    next = each.to + 1;
  }
}

TEST(histogram, forgets_everything_at_reset) {
  histogram values;
  values.add(500);
  values.reset();
  EXPECT_EQ(values.count(), 0u);
  EXPECT_EQ(values.sum(), 0u);
  EXPECT_EQ(values.max(), 0u);
  EXPECT_TRUE(values.buckets().empty());
  values.add(2);
  EXPECT_EQ(values.percentile(100), 2u);
}

}  // namespace
