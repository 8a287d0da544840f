#include "nestwalk/guest/frame_allocator.h"

#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::guest {
namespace {

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

TEST(frame_allocator, deals_out_the_lowest_free_frame) {
  frame_allocator frames(gibibyte);
  EXPECT_EQ(frames.allocate(12).value, 0u);
  EXPECT_EQ(frames.allocate(12).value, 0x1000u);
  EXPECT_EQ(frames.allocate(21).value, 0x200000u);
  frames.release(paging::gpa(0), 12);
  EXPECT_EQ(frames.allocate(12).value, 0u);
}

TEST(frame_allocator, a_cut_block_whose_parts_are_free_is_whole_again) {
  frame_allocator frames(gibibyte);
  const paging::gpa small = frames.allocate(12);
  EXPECT_FALSE(frames.try_allocate(30));
  frames.release(small, 12);
  EXPECT_TRUE(frames.try_allocate(30));
}

TEST(frame_allocator, memory_behind_the_last_whole_gibibyte_is_used) {
  frame_allocator frames(gibibyte + 4 * mebibyte);
  EXPECT_EQ(frames.allocate(21).value, gibibyte);
  EXPECT_EQ(frames.allocate(30).value, 0u);
  EXPECT_EQ(frames.allocate(21).value, gibibyte + 2 * mebibyte);
  EXPECT_FALSE(frames.try_allocate(12));
}

TEST(frame_allocator, says_which_key_is_too_small_when_memory_runs_out) {
  frame_allocator frames(2 * mebibyte);
  frames.allocate(21);
  try {
    frames.allocate(12);
    FAIL();
  } catch (const input_error& error) {
    EXPECT_NE(std::string(error.what()).find("guest.memory"), std::string::npos) << error.what();
  }
}

TEST(frame_allocator, refuses_memory_that_is_no_multiple_of_two_mebibytes) {
  EXPECT_THROW(frame_allocator{mebibyte}, input_error);
  EXPECT_THROW(frame_allocator{0}, input_error);
}

TEST(frame_allocator, parts_of_a_split_frame_are_freed_one_by_one) {
  frame_allocator frames(4 * mebibyte);
  const paging::gpa large = frames.allocate(21);
  frames.split(large, 21);
  EXPECT_EQ(frames.bytes_in_use(), 2 * mebibyte);
  frames.release(large + 0x5000, 12);
  EXPECT_EQ(frames.allocate(12), large + 0x5000);
  for (unsigned i = 0; i < 512; ++i) frames.release(large + i * 0x1000, 12);
  EXPECT_EQ(frames.bytes_in_use(), 0u);
  EXPECT_EQ(frames.allocate(21), large);
}

TEST(frame_allocator, random_use_never_hands_out_a_byte_twice_and_ends_empty) {
  constexpr unsigned seed = 7;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  frame_allocator frames(3 * gibibyte);
  std::map<std::uint64_t, unsigned> taken;
  for (unsigned i = 0; i < 20000; ++i) {
    if (random() % 5 < 3 || taken.empty()) {
      const auto kind = static_cast<unsigned>(random() % 100);
      const unsigned size_log2 = kind < 90 ? 12 : kind < 99 ? 21 : 30;
      const auto frame = frames.try_allocate(size_log2);
      if (!frame) continue;
      ASSERT_EQ(frame->offset(size_log2), 0u);
      const auto after = taken.lower_bound(frame->value);
      if (after != taken.end()) {
        ASSERT_LE(frame->value + (std::uint64_t{1} << size_log2), after->first);
      }
      if (after != taken.begin()) {
        const auto before = std::prev(after);
        ASSERT_LE(before->first + (std::uint64_t{1} << before->second), frame->value);
      }
      taken[frame->value] = size_log2;
    } else {
      const auto victim = std::next(taken.begin(), static_cast<long>(random() % taken.size()));
      frames.release(paging::gpa(victim->first), victim->second);
      taken.erase(victim);
    }
  }
  for (const auto& [frame, size_log2] : taken) frames.release(paging::gpa(frame), size_log2);
  EXPECT_EQ(frames.bytes_in_use(), 0u);
  for (unsigned i = 0; i < 3; ++i) EXPECT_TRUE(frames.try_allocate(30));
}

}  // namespace
}  // namespace nestwalk::guest
