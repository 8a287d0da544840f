// The pool of host frames.
#include "nestwalk/vmm/host_allocator.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::vmm {
namespace {

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;

TEST(host_allocator, frames_are_aligned_distinct_and_of_the_pool) {
  host_allocator frames({paging::hpa(gib + 4096), 8 * mib, true, 3});
  std::set<std::uint64_t> seen;
  const auto block = frames.take_block(paging::page_2m);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->offset(21), 0u);
  for (unsigned i = 0; i < 512; ++i) {
    const auto frame = frames.take_page();
    EXPECT_TRUE(frame.clean);
    EXPECT_EQ(frame.page.offset(12), 0u);
    EXPECT_TRUE(seen.insert(frame.page.value).second);
    EXPECT_NE(frame.page.base(21), *block);
    EXPECT_GE(frame.page.value, gib + 4096);
    EXPECT_LT(frame.page.value, gib + 4096 + 8 * mib);
  }
}

TEST(host_allocator, scattered_frames_follow_the_seed) {
  const auto order = [](bool scatter, std::uint64_t seed) {
    host_allocator frames({paging::hpa(gib), 8 * mib, scatter, seed});
    std::vector<std::uint64_t> pages;
    for (unsigned i = 0; i < 64; ++i) pages.push_back(frames.take_page().page.value);
    return pages;
  };
  EXPECT_EQ(order(true, 1), order(true, 1));
  EXPECT_NE(order(true, 1), order(true, 2));
  EXPECT_NE(order(true, 1), order(false, 1));
  const auto plain = order(false, 1);
  EXPECT_TRUE(std::is_sorted(plain.begin(), plain.end()));
}

TEST(host_allocator, a_frame_given_back_comes_again_and_is_not_clean) {
  host_allocator frames({paging::hpa(gib), 8 * mib, true, 1});
  const auto frame = frames.take_page();
  frames.give_back(frame.page);
  const auto again = frames.take_page();
  EXPECT_EQ(again.page, frame.page);
  EXPECT_FALSE(again.clean);
}

TEST(host_allocator, what_a_gibibyte_passes_over_is_not_lost) {
  host_allocator frames({paging::hpa(gib), 2 * gib, true, 1});
  ASSERT_TRUE(frames.take_block(paging::page_2m));
  const auto giant = frames.take_block(paging::page_1g);
  ASSERT_TRUE(giant);
  EXPECT_EQ(giant->value, 2 * gib);
  unsigned blocks = 0;
  while (frames.take_block(paging::page_2m)) ++blocks;
  EXPECT_EQ(blocks, 511u);
  EXPECT_FALSE(frames.take_block(paging::page_1g));
}

TEST(host_allocator, an_exhausted_pool_is_an_error_that_names_its_key) {
  host_allocator frames({paging::hpa(gib), 4 * mib, true, 1});
  for (unsigned i = 0; i < 1024; ++i) frames.take_page();
  try {
    frames.take_page();
    FAIL() << "nothing was thrown";
  } catch (const input_error& e) {
    EXPECT_NE(std::string(e.what()).find("host_size"), std::string::npos);
  }
}

}  // namespace
}  // namespace nestwalk::vmm
