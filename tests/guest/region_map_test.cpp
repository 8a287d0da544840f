#include "nestwalk/guest/region_map.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace nestwalk::guest {
namespace {

using paging::gva;

TEST(region_map, neighbours_of_the_same_rights_are_one_range) {
  region_map map(region::none);
  map.set(gva(0x1000), gva(0x1fff), region::read_write);
  map.set(gva(0x3000), gva(0x3fff), region::read_write);
  EXPECT_FALSE(map.uniform(gva(0x1000), gva(0x3fff)));
  map.set(gva(0x2000), gva(0x2fff), region::read_write);
  EXPECT_TRUE(map.uniform(gva(0x1000), gva(0x3fff)));
  EXPECT_FALSE(map.uniform(gva(0x1000), gva(0x4000)));
}

TEST(region_map, protection_leaves_holes_alone) {
  region_map map(region::none);
  map.set(gva(0x1000), gva(0x1fff), region::read_write);
  map.set(gva(0x3000), gva(0x3fff), region::read_write);
  map.set_where_mapped(gva(0), gva(0xffff), region::read_only);
  EXPECT_EQ(map.at(gva(0x0fff)), region::none);
  EXPECT_EQ(map.at(gva(0x1000)), region::read_only);
  EXPECT_EQ(map.at(gva(0x2000)), region::none);
  EXPECT_EQ(map.at(gva(0x3fff)), region::read_only);
  EXPECT_EQ(map.at(gva(0x4000)), region::none);
}

TEST(region_map, random_ranges_are_as_in_a_table_of_pages) {
  constexpr unsigned seed = 11;
  constexpr std::uint64_t pages = 64;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  region_map map(region::none);
  std::vector<region> reference(pages, region::none);
  for (unsigned i = 0; i < 3000; ++i) {
    const std::uint64_t first = random() % pages;
    const std::uint64_t last = first + random() % (pages - first);
    const auto what = static_cast<region>(random() % 3);
    const bool holes_stay = what != region::none && random() % 2 == 0;
    const gva from(first << 12);
    const gva to((last << 12) | 0xfff);
    if (holes_stay)
      map.set_where_mapped(from, to, what);
    else
      map.set(from, to, what);
    for (std::uint64_t page = first; page <= last; ++page)
      if (!holes_stay || reference[page] != region::none) reference[page] = what;
    bool uniform = true;
    for (std::uint64_t page = 0; page < pages; ++page) {
      ASSERT_EQ(map.at(gva(page << 12)), reference[page]) << "step " << i << ", page " << page;
      ASSERT_EQ(map.at(gva((page << 12) | 0xfff)), reference[page]);
      if (page >= first && page <= last) uniform = uniform && reference[page] == reference[first];
    }
    ASSERT_EQ(map.uniform(from, to), uniform);
  }
}

}  // namespace
}  // namespace nestwalk::guest
