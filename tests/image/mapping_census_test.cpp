#include "nestwalk/image/mapping_census.h"

#include <gtest/gtest.h>

namespace nestwalk::image {
namespace {

using paging::page_1g;
using paging::page_2m;
using paging::page_4k;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
constexpr std::uint64_t gib = std::uint64_t{1} << 30;

mapped_range range(std::uint64_t first, std::uint64_t bytes, unsigned guest_log2, unsigned nested_log2) {
  mapped_range r;
  r.first = paging::gva(first);
  r.bytes = bytes;
  r.guest_size_log2 = static_cast<std::uint8_t>(guest_log2);
  r.nested_size_log2 = static_cast<std::uint8_t>(nested_log2);
  return r;
}

mapped_range hole(std::uint64_t first, std::uint64_t bytes, unsigned guest_log2) {
  mapped_range r = range(first, bytes, guest_log2, 63);
  r.why.kind = paging::fault_kind::ept_violation;
  return r;
}

TEST(mapping_census, counts_pages_and_bytes_by_both_sizes) {
  mapping_census census;
  census.add(range(0, 64 * 4096, page_4k, page_2m));
  census.add(range(gib, 4 * mib, page_2m, page_4k));
  census.add(range(2 * gib, gib, page_1g, page_2m));
  census.add(hole(4 * gib, 8192, page_4k));
  census.finish();
  EXPECT_EQ(census.by_size().at({page_4k, page_2m}).pages, 64u);
  EXPECT_EQ(census.by_size().at({page_2m, page_4k}).pages, 1024u);
  EXPECT_EQ(census.by_size().at({page_1g, page_2m}).pages, 512u);
  EXPECT_EQ(census.total().pages, 64u + 1024 + 512);
  EXPECT_EQ(census.total().bytes, 64 * 4096 + 4 * mib + gib);
  EXPECT_EQ(census.not_backed_bytes().at(page_4k), 8192u);
}

TEST(mapping_census, tells_how_the_host_splinters_large_pages) {
  mapping_census census;
  census.add(range(0, 4 * mib, page_2m, page_2m));        // two whole ones
  census.add(range(4 * mib, 6 * mib, page_2m, page_4k));  // three splintered ones
  census.add(range(10 * mib, 4096, page_2m, page_4k));    // one of which two pages are missing
  census.add(hole(10 * mib + 4096, 8192, page_2m));
  census.add(range(10 * mib + 3 * 4096, 2 * mib - 3 * 4096, page_2m, page_4k));
  census.add(hole(12 * mib, 2 * mib, page_2m));  // one that is not backed at all
  census.finish();
  const mapping_census::large_pages& large = census.by_large_page().at(page_2m);
  EXPECT_EQ(large.pages, 7u);
  EXPECT_EQ(large.whole, 2u);
  EXPECT_EQ(large.splintered, 4u);
  EXPECT_EQ(large.not_backed, 2u);
  EXPECT_EQ(large.splintered_bytes, 8 * mib - 8192);
  EXPECT_EQ(large.not_backed_bytes, 2 * mib + 8192);
}

TEST(mapping_census, a_tlb_reaches_the_largest_pages_first) {
  mapping_census census;
  census.add(range(0, 2000 * 4096, page_4k, page_2m));
  census.add(range(gib, 10 * mib, page_2m, page_1g));
  census.finish();
  EXPECT_EQ(census.reached_by(3), 6 * mib);
  EXPECT_EQ(census.reached_by(1536), 10 * mib + 1531 * 4096);
  EXPECT_EQ(census.reached_by(1 << 20), census.total().bytes);
}

TEST(mapping_census, of_a_range_that_is_one_page_again_and_again_counts_each_time) {
  mapping_census census;
  mapped_range r = range(0, 512 * 4096, page_4k, page_4k);
  r.one_page = true;
  census.add(r);
  EXPECT_EQ(census.total().pages, 512u);
}

}  // namespace
}  // namespace nestwalk::image
