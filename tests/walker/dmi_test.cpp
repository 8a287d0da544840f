// Table reads through DMI: the same answers in the same time as by transport.
#include <random>

#include <gtest/gtest.h>

#include "walker/walking_machine.h"

namespace {

using nestwalk::test::asked;
using nestwalk::test::machine_config;
using nestwalk::test::page_gpa;
using nestwalk::test::page_gva;
using nestwalk::test::walking_machine;
namespace leaf = nestwalk::test::leaf;
namespace paging = nestwalk::paging;
using paging::access_type;

constexpr std::uint32_t seed = 20240517;
constexpr unsigned pages = 16;

machine_config with_dmi(bool used) {
  machine_config config = walking_machine::plain();
  config.guest.use_dmi = config.nested.use_dmi = used;
  return config;
}

/// Pages with random rights and flags.
void map_at_random(walking_machine& m) {
  std::mt19937 random(seed);
  m.memory.grants_dmi = true;
  for (std::uint64_t i = 0; i < pages; ++i) {
    std::uint64_t flags = leaf::x86_clean;
    if ((random() & 1) != 0) flags |= paging::x86_entry::a;
    if ((random() & 1) != 0) flags &= ~paging::x86_entry::rw;
    m.tables.map(page_gva + (i << 12), page_gpa + (i << 12), paging::page_4k, paging::page_4k, flags);
  }
}

TEST(dmi, gives_the_answers_the_times_and_the_tables_that_transport_gives) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  walking_machine by_dmi(with_dmi(true), "by_dmi");
  walking_machine by_transport(with_dmi(false), "by_transport");
  map_at_random(by_dmi);
  map_at_random(by_transport);
  std::mt19937 random(seed + 1);
  for (unsigned i = 0; i < 200; ++i) {
    const std::uint64_t gva = page_gva + (random() % (pages + 2) << 12);
    const access_type type = (random() & 1) != 0 ? access_type::write : access_type::read;
    const asked a = by_dmi.translate(gva, type);
    const asked b = by_transport.translate(gva, type);
    ASSERT_EQ(a.mapped, b.mapped) << i;
    ASSERT_EQ(a.took, b.took) << i;
    const std::uint64_t a_to = a.mapped ? a.answer.output().value : 0;
    const std::uint64_t b_to = b.mapped ? b.answer.output().value : 0;
    ASSERT_EQ(a_to, b_to) << i;
    ASSERT_EQ(a.answer.fault.error_code, b.answer.fault.error_code) << i;
  }
  for (std::uint64_t i = 0; i < pages; ++i)
    EXPECT_EQ(by_dmi.tables.guest.read_entry(page_gva + (i << 12), 1),
              by_transport.tables.guest.read_entry(page_gva + (i << 12), 1));
  EXPECT_EQ(by_dmi.nested.counts().reads_by_level, by_transport.nested.counts().reads_by_level);
  EXPECT_EQ(by_dmi.nested.counts().reads_by_server, by_transport.nested.counts().reads_by_server);
  EXPECT_EQ(by_dmi.guest.counts().exchanges, by_transport.guest.counts().exchanges);
  EXPECT_LT(by_dmi.memory.calls, 20U);  // the first read of each table page
  EXPECT_GT(by_transport.memory.calls, 3000U);
}

TEST(dmi, flags_are_set_in_place_under_a_write_grant) {
  machine_config config = walking_machine::plain();
  config.guest.use_dmi = true;
  walking_machine m(config);
  m.memory.grants_dmi = true;
  m.tables.map(page_gva, page_gpa);
  ASSERT_TRUE(m.translate(page_gva).mapped);
  m.tables.guest.clear_flags(page_gva, 1, paging::x86_entry::a | paging::x86_entry::d);
  ASSERT_TRUE(m.translate(page_gva, access_type::write).mapped);
  EXPECT_EQ(m.memory.exchanges, 0U);
  EXPECT_EQ(m.guest.counts().exchanges, 1U);
  EXPECT_EQ(m.tables.guest.read_entry(page_gva, 1), page_gpa | leaf::x86);
}

TEST(dmi, a_grant_taken_back_is_not_used) {
  machine_config config = walking_machine::plain();
  config.tables.nested = false;
  config.guest.use_dmi = true;
  walking_machine m(config);
  m.memory.grants_dmi = true;
  m.tables.map(page_gva, page_gpa);
  m.translate(page_gva);
  const auto calls = m.memory.calls;
  m.translate(page_gva);
  const auto by_pointer = m.memory.calls - calls;
  EXPECT_EQ(by_pointer, 0U);
  m.memory.grants_dmi = false;
  m.memory.take_back(0, ~std::uint64_t{0});
  const asked a = m.translate(page_gva);
  EXPECT_EQ(a.reads, 4U);
}

TEST(dmi, is_not_asked_for_again_where_it_was_refused) {
  machine_config config = walking_machine::plain();
  config.tables.nested = false;
  config.guest.use_dmi = true;
  walking_machine m(config);
  m.memory.hints_dmi = true;
  m.tables.map(page_gva, page_gpa);
  m.translate(page_gva);
  m.translate(page_gva);
  EXPECT_EQ(m.memory.grants_asked, 1U);
  m.memory.grants_dmi = true;
  m.memory.take_back(0, ~std::uint64_t{0});
  m.translate(page_gva);
  EXPECT_EQ(m.translate(page_gva).reads, 0U);
}

TEST(dmi, is_not_asked_for_where_it_is_switched_off) {
  machine_config config = walking_machine::plain();
  config.tables.nested = false;
  walking_machine m(config);
  m.memory.grants_dmi = true;
  m.tables.map(page_gva, page_gpa);
  m.translate(page_gva);
  EXPECT_EQ(m.translate(page_gva).reads, 4U);
}

}  // namespace
