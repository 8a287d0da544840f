// The design's table of memory reads of one two-dimensional walk, every cell, counted at the memory socket.
#include <gtest/gtest.h>

#include "walker/walking_machine.h"

namespace {

using nestwalk::test::asked;
using nestwalk::test::machine_config;
using nestwalk::test::walking_machine;
namespace paging = nestwalk::paging;

struct cell {
  const char* name;
  unsigned guest_levels;
  unsigned nested_levels;
  unsigned guest_log2;
  unsigned tables_log2;  ///< nested page size under the guest's tables
  unsigned data_log2;    ///< and under the data
  std::uint64_t reads;

  friend void PrintTo(const cell& c, std::ostream* os) { *os << c.name; }
};

constexpr std::uint64_t gva = 0x7f12'3456'7123;
constexpr std::uint64_t gpa_of_page = 0x1'4000'0000;  // aligned for every size

class reads_per_walk : public testing::TestWithParam<std::tuple<cell, bool>> {};

TEST_P(reads_per_walk, are_those_of_the_design) {
  const auto& [c, npt] = GetParam();
  machine_config config = walking_machine::plain();
  config.tables.format = npt ? paging::nested_kind::npt : paging::nested_kind::ept;
  config.tables.guest_levels = c.guest_levels;
  config.tables.nested_levels = c.nested_levels;
  config.tables.table_backing_log2 = c.tables_log2;
  walking_machine m(config);
  const std::uint64_t page = gva & ~((std::uint64_t{1} << c.guest_log2) - 1);
  const std::uint64_t gpa = gpa_of_page + (gva - page);
  m.tables.guest.map(page, gpa_of_page, c.guest_log2, nestwalk::test::leaf::x86);
  m.tables.back(gpa, c.data_log2);

  const asked a = m.translate(gva);

  ASSERT_TRUE(a.mapped);
  EXPECT_EQ(a.reads, c.reads);
  EXPECT_EQ(a.answer.output().value, m.tables.hpa_of(gpa));
  EXPECT_EQ(a.answer.mapping.size_log2(), std::min(c.guest_log2, c.data_log2));
  EXPECT_EQ(m.guest.counts().reads() + m.nested.counts().reads(), c.reads);
  EXPECT_EQ(m.guest.counts().exchanges + m.nested.counts().exchanges, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    table, reads_per_walk,
    testing::Combine(testing::Values(cell{"g4k_n4k", 4, 4, 12, 12, 12, 24}, cell{"g4k_n2m", 4, 4, 12, 21, 21, 19},
                                     cell{"g4k_n1g", 4, 4, 12, 30, 30, 14}, cell{"g2m_n4k", 4, 4, 21, 12, 12, 19},
                                     cell{"g2m_n2m", 4, 4, 21, 21, 21, 15}, cell{"g2m_n1g", 4, 4, 21, 30, 30, 11},
                                     cell{"g1g_n4k", 4, 4, 30, 12, 12, 14}, cell{"g1g_n2m", 4, 4, 30, 21, 21, 11},
                                     cell{"g1g_n1g", 4, 4, 30, 30, 30, 8}, cell{"g5_over_n5", 5, 5, 12, 12, 12, 35},
                                     cell{"g5_over_n4", 5, 4, 12, 12, 12, 29}, cell{"g4_over_n5", 4, 5, 12, 12, 12, 29},
                                     cell{"g4k_only_data_by_2m", 4, 4, 12, 12, 21, 23},
                                     cell{"g2m_only_data_by_2m", 4, 4, 21, 12, 21, 18},
                                     cell{"g1g_only_data_by_2m", 4, 4, 30, 12, 21, 13}),
                     testing::Bool()),
    [](const auto& info) {
      return std::string(std::get<0>(info.param).name) + (std::get<1>(info.param) ? "_npt" : "_ept");
    });

TEST(reads_of_a_native_walk, are_its_levels) {
  machine_config config = walking_machine::plain();
  config.tables.nested = false;
  walking_machine m(config);
  m.tables.map(0x40'0000, gpa_of_page);
  EXPECT_EQ(m.translate(0x40'0000).reads, 4U);
  m.tables.map(0x8000'0000, gpa_of_page, paging::page_2m);
  EXPECT_EQ(m.translate(0x8000'0000).reads, 3U);
  m.tables.map(0xc000'0000, gpa_of_page, paging::page_1g);
  EXPECT_EQ(m.translate(0xc000'0000).reads, 2U);
  EXPECT_EQ(m.nested.counts().walks, 0U);
}

TEST(reads_by_level, add_up_over_both_dimensions) {
  walking_machine m;
  m.tables.map(nestwalk::test::page_gva, nestwalk::test::page_gpa);
  ASSERT_TRUE(m.translate(nestwalk::test::page_gva).mapped);
  for (unsigned level = 1; level <= 4; ++level) {
    EXPECT_EQ(m.guest.counts().reads_by_level[level], 1U);
    EXPECT_EQ(m.nested.counts().reads_by_level[level], 5U);
  }
  EXPECT_EQ(m.nested.counts().reads_by_server[4], 20U);  // the test memory says that it is the dram
}

TEST(time_of_a_walk, is_what_memory_adds_and_a_cycle_for_each_read) {
  machine_config config = walking_machine::plain();
  config.guest.cycle = config.nested.cycle = sc_core::sc_time(2, sc_core::SC_NS);
  config.guest.step_cycles = 3;
  config.nested.step_cycles = 1;
  walking_machine m(config);
  m.memory.latency = sc_core::sc_time(7, sc_core::SC_NS);
  m.tables.map(nestwalk::test::page_gva, nestwalk::test::page_gpa);
  const asked a = m.translate(nestwalk::test::page_gva);
  EXPECT_EQ(a.took, sc_core::sc_time(24 * 7 + 4 * 6 + 20 * 2, sc_core::SC_NS));
  EXPECT_EQ(m.guest.counts().latency.max(), (24U * 7 + 4 * 6 + 20 * 2) / 2);
  EXPECT_EQ(m.nested.counts().latency.count(), 5U);
  EXPECT_EQ(m.nested.counts().latency.max(), (4U * 7 + 4 * 2) / 2);
}

}  // namespace
