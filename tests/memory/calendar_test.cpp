#include "memory/calendar.h"

#include <vector>

#include <gtest/gtest.h>

namespace nestwalk::memory {
namespace {

/// 10 ticks whatever is open.
constexpr calendar::lengths ten{10, 10, 10};
/// 10 ticks where the row is open, 20 where none is, 30 where another one is.
constexpr calendar::lengths by_row{10, 20, 30};

TEST(calendar, a_free_resource_is_taken_at_once) {
  calendar c;
  const auto p = c.reserve(100, 1, ten);
  EXPECT_EQ(p.start, 100u);
  EXPECT_EQ(p.end, 110u);
  EXPECT_EQ(p.found, calendar::no_row);
}

TEST(calendar, a_request_waits_for_the_reservation_that_it_falls_into) {
  calendar c;
  c.reserve(100, 1, ten);
  EXPECT_EQ(c.reserve(105, 1, ten).start, 110u);
  EXPECT_EQ(c.reserve(105, 1, ten).start, 120u);
}

TEST(calendar, an_earlier_request_made_later_is_not_held_up_by_a_later_reservation) {
  calendar c;
  c.reserve(1000, 1, ten);
  EXPECT_EQ(c.reserve(100, 1, ten).start, 100u);
}

TEST(calendar, a_gap_that_is_too_short_is_passed_over) {
  calendar c;
  c.reserve(100, 1, ten);
  c.reserve(115, 1, ten);
  EXPECT_EQ(c.reserve(105, 1, ten).start, 125u);
}

TEST(calendar, a_gap_that_just_fits_is_taken) {
  calendar c;
  c.reserve(100, 1, ten);
  c.reserve(120, 1, ten);
  EXPECT_EQ(c.reserve(105, 1, ten).start, 110u);
}

TEST(calendar, the_row_found_is_that_of_the_reservation_before_in_time) {
  calendar c;
  c.reserve(100, 1, by_row);
  c.reserve(1000, 2, by_row);
  EXPECT_EQ(c.reserve(500, 1, by_row).found, calendar::same_row);
  EXPECT_EQ(c.reserve(600, 2, by_row).found, calendar::other_row);
  EXPECT_EQ(c.reserve(2000, 2, by_row).found, calendar::same_row);
}

TEST(calendar, the_length_follows_from_the_row_found) {
  calendar c;
  EXPECT_EQ(c.reserve(0, 1, by_row).end, 20u);
  EXPECT_EQ(c.reserve(100, 1, by_row).end, 110u);
  EXPECT_EQ(c.reserve(200, 2, by_row).end, 230u);
}

TEST(calendar, a_request_from_before_all_that_is_kept_finds_the_resource_free) {
  calendar c;
  for (unsigned i = 0; i < calendar::depth; ++i) c.reserve(1000 + 10 * i, 1, ten);
  const auto p = c.reserve(5, 1, ten);
  EXPECT_EQ(p.start, 5u);
  EXPECT_EQ(p.found, calendar::no_row);
  EXPECT_EQ(c.reserve(1000, 1, ten).start, 1000 + 10 * calendar::depth);
}

TEST(calendar, reservations_never_overlap) {
  calendar c;
  std::vector<calendar::placement> made;
  // Requests that come in groups of falling times, no more than are kept.
  const calendar::ticks at[] = {50, 10, 30, 12, 90, 52, 31, 70};
  for (const auto t : at) made.push_back(c.reserve(t, t % 3, by_row));
  for (const auto& a : made)
    for (const auto& b : made) EXPECT_TRUE(&a == &b || a.end <= b.start || b.end <= a.start);
}

}  // namespace
}  // namespace nestwalk::memory
