// The name that was probably meant.
#include "nestwalk/configuration/nearest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace nestwalk::configuration {
namespace {

TEST(edit_distance, counts_insertions_removals_replacements_and_swaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("gups", "gups"), 0u);
  EXPECT_EQ(edit_distance("", "gups"), 4u);
  EXPECT_EQ(edit_distance("gups", ""), 4u);
  EXPECT_EQ(edit_distance("gup", "gups"), 1u);
  EXPECT_EQ(edit_distance("gupps", "gups"), 1u);
  EXPECT_EQ(edit_distance("gaps", "gups"), 1u);
  EXPECT_EQ(edit_distance("gusp", "gups"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

const std::vector<std::string> names = {"mmu.l2_tlb.entries", "mmu.l2_tlb.ways", "core.clock", "zipf", "fork"};

TEST(nearest_name, finds_the_one_that_was_meant) {
  EXPECT_EQ(nearest_name("mmu.l2_tlb.entires", names), "mmu.l2_tlb.entries");
  EXPECT_EQ(nearest_name("mmu.l2tlb.way", names), "mmu.l2_tlb.ways");
  EXPECT_EQ(nearest_name("zip", names), "zipf");
}

TEST(nearest_name, finds_none_where_none_is_near) {
  EXPECT_EQ(nearest_name("something.else", names), "");
  EXPECT_EQ(nearest_name("zipf", std::vector<std::string>{}), "");
}

TEST(nearest_name, takes_the_first_of_several_as_near) {
  EXPECT_EQ(nearest_name("cat", std::vector<std::string>{"bat", "hat"}), "bat");
}

}  // namespace
}  // namespace nestwalk::configuration
