#include "nestwalk/timing/calendars.h"

#include <vector>

#include <gtest/gtest.h>

namespace nestwalk::timing {
namespace {

/// 10 ticks whatever is open.
constexpr calendars::lengths ten{10, 10, 10};
/// 10 ticks where the row is open, 20 where none is, 30 where another one is.
constexpr calendars::lengths by_row{10, 20, 30};

TEST(calendars, a_free_resource_is_taken_at_once) {
  calendars c(1);
  const auto p = c.reserve(0, 100, 1, ten);
  EXPECT_EQ(p.start, 100u);
  EXPECT_EQ(p.end, 110u);
  EXPECT_EQ(p.found, calendars::no_row);
}

TEST(calendars, a_request_waits_for_the_reservation_that_it_falls_into) {
  calendars c(1);
  c.reserve(0, 100, 1, ten);
  EXPECT_EQ(c.reserve(0, 105, 1, ten).start, 110u);
  EXPECT_EQ(c.reserve(0, 105, 1, ten).start, 120u);
}

TEST(calendars, an_earlier_request_made_later_is_not_held_up_by_a_later_reservation) {
  calendars c(1);
  c.reserve(0, 1000, 1, ten);
  EXPECT_EQ(c.reserve(0, 100, 1, ten).start, 100u);
}

TEST(calendars, a_gap_that_is_too_short_is_passed_over) {
  calendars c(1);
  c.reserve(0, 100, 1, ten);
  c.reserve(0, 115, 1, ten);
  EXPECT_EQ(c.reserve(0, 105, 1, ten).start, 125u);
}

TEST(calendars, a_gap_that_just_fits_is_taken) {
  calendars c(1);
  c.reserve(0, 100, 1, ten);
  c.reserve(0, 120, 1, ten);
  EXPECT_EQ(c.reserve(0, 105, 1, ten).start, 110u);
}

TEST(calendars, the_row_found_is_that_of_the_reservation_before_in_time) {
  calendars c(1);
  c.reserve(0, 100, 1, by_row);
  c.reserve(0, 1000, 2, by_row);
  EXPECT_EQ(c.reserve(0, 500, 1, by_row).found, calendars::same_row);
  EXPECT_EQ(c.reserve(0, 600, 2, by_row).found, calendars::other_row);
  EXPECT_EQ(c.reserve(0, 2000, 2, by_row).found, calendars::same_row);
}

TEST(calendars, the_length_follows_from_the_row_found) {
  calendars c(1);
  EXPECT_EQ(c.reserve(0, 0, 1, by_row).end, 20u);
  EXPECT_EQ(c.reserve(0, 100, 1, by_row).end, 110u);
  EXPECT_EQ(c.reserve(0, 200, 2, by_row).end, 230u);
}

TEST(calendars, a_request_from_before_all_that_is_kept_finds_the_resource_free) {
  calendars c(1);
  for (unsigned i = 0; i < calendars::depth; ++i) c.reserve(0, 1000 + 10 * i, 1, ten);
  const auto p = c.reserve(0, 5, 1, ten);
  EXPECT_EQ(p.start, 5u);
  EXPECT_EQ(p.found, calendars::no_row);
  EXPECT_EQ(c.reserve(0, 1000, 1, ten).start, 1000 + 10 * calendars::depth);
}

TEST(calendars, resources_are_taken_each_for_itself) {
  calendars c(2);
  c.reserve(0, 100, 1, ten);
  EXPECT_EQ(c.reserve(1, 105, 1, ten).start, 105u);
  EXPECT_EQ(c.reserve(1, 115, 1, ten).found, calendars::same_row);
}

TEST(calendars, a_resource_without_rows_is_taken_from_the_first_gap) {
  calendars c(1);
  EXPECT_EQ(c.reserve(0, 100, 10), 100u);
  EXPECT_EQ(c.reserve(0, 105, 10), 110u);
  EXPECT_EQ(c.reserve(0, 85, 10), 85u);
  EXPECT_EQ(c.reserve(0, 95, 5), 95u);
}

TEST(calendars, reservations_never_overlap) {
  calendars c(1);
  std::vector<calendars::placement> made;
  // Requests that come in groups of falling times, no more than are kept.
  const calendars::ticks at[] = {50, 10, 30, 12, 90, 52, 31, 70};
  for (const auto t : at) made.push_back(c.reserve(0, t, t % 3, by_row));
  for (const auto& a : made)
    for (const auto& b : made) EXPECT_TRUE(&a == &b || a.end <= b.start || b.end <= a.start);
}

}  // namespace
}  // namespace nestwalk::timing
