#include "nestwalk/statistics/group.h"

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using nestwalk::statistics::counter;
using nestwalk::statistics::group;
using nestwalk::statistics::histogram;
using nestwalk::statistics::leaf;
using nestwalk::statistics::ratio;
using nestwalk::statistics::sum;

TEST(group, finds_a_statistic_by_its_path) {
  group root;
  counter misses = 7;
  root.child("mmu").child("l2_tlb").add("misses", "lookups", "Lookups that found nothing.", misses);
  const leaf* found = root.find("mmu.l2_tlb.misses");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->value(), 7.0);
  EXPECT_EQ(found->unit(), "lookups");
  EXPECT_EQ(found->about(), "Lookups that found nothing.");
  misses = 8;
  EXPECT_EQ(root.value("mmu.l2_tlb.misses"), 8.0);
}

TEST(group, finds_nothing_at_a_path_that_names_no_statistic) {
  group root;
  counter misses = 7;
  root.child("mmu").add("misses", "lookups", "Lookups that found nothing.", misses);
  for (const char* path : {"", ".", "mmu", "misses", "mmu.", "mmu.misse", "mmu.misses.x", "nested_tlb.misses"})
    EXPECT_EQ(root.find(path), nullptr) << path;
  EXPECT_THROW(root.value("nested_tlb.misses"), std::logic_error);
}

struct part {
  counter misses = 7;
  void describe(group& into) { into.add("misses", "lookups", "Lookups that found nothing.", misses); }
};

TEST(group, tells_which_parts_are_not_built) {
  group root;
  const auto built = std::make_unique<part>();
  const std::unique_ptr<part> missing;
  root.child("mmu").describe("l2_tlb", built);
  root.child("mmu").describe("nested_tlb", missing);
  root.describe("vmm", missing);
  EXPECT_EQ(root.value("mmu.l2_tlb.misses"), 7.0);
  EXPECT_EQ(root.parts_not_built(), (std::vector<std::string>{"vmm", "mmu.nested_tlb"}));
  EXPECT_THROW(root.child("mmu").not_built("l2_tlb"), std::logic_error);
}

TEST(group, gives_the_same_child_for_the_same_name) {
  group root;
  group& first = root.child("walker");
  for (int other = 0; other < 100; ++other) root.child("other" + std::to_string(other));
  EXPECT_EQ(&root.child("walker"), &first);
}

TEST(group, works_out_computed_values_when_they_are_read) {
  group root;
  counter cycles = 10;
  counter accesses = 4;
  root.add("per_access", "cycles/access", "Cycles for each access.", [&] { return ratio(cycles, accesses); });
  EXPECT_EQ(root.value("per_access"), 2.5);
  accesses = 0;
  EXPECT_EQ(root.value("per_access"), 0.0);
}

TEST(group, gives_the_number_of_values_and_the_distribution_of_a_histogram) {
  group root;
  histogram latency;
  latency.add(20);
  latency.add(40);
  root.add("latency", "cycles", "Time of one walk.", latency);
  EXPECT_EQ(root.value("latency"), 2.0);
  EXPECT_EQ(root.find("latency")->distribution(), &latency);
}

TEST(group, zeroes_all_below_at_reset_and_nothing_beside) {
  group root;
  counter inside = 1;
  counter below = 2;
  counter beside = 3;
  histogram latency;
  latency.add(4);
  group& node = root.child("node");
  node.add("inside", "accesses", "Counted here.", inside);
  node.child("deeper").add("below", "accesses", "Counted below.", below);
  node.child("deeper").add("latency", "cycles", "Time.", latency);
  root.add("beside", "accesses", "Counted beside.", beside);
  node.reset();
  EXPECT_EQ(inside, 0u);
  EXPECT_EQ(below, 0u);
  EXPECT_EQ(latency.count(), 0u);
  EXPECT_EQ(beside, 3u);
}

TEST(group, resets_every_counter_of_a_sum) {
  group root;
  std::array<counter, 3> reads{1, 2, 4};
  counter faults = 8;
  root.add("all", "reads", "Reads and faults, which are registered nowhere else.", sum().of(reads).of(faults));
  EXPECT_EQ(root.value("all"), 15.0);
  root.reset();
  EXPECT_EQ(root.value("all"), 0.0);
  EXPECT_EQ(reads[1] + faults, 0u);
}

TEST(group, keeps_what_there_is_now_at_a_reset) {
  group root;
  root.add_state("processes", "processes", "That live now.", [] { return counter{3}; });
  root.reset();
  EXPECT_EQ(root.value("processes"), 3.0);
}

TEST(group, visits_in_the_order_of_adding) {
  group root;
  counter any = 0;
  root.child("z").add("second", "x", "", any);
  root.child("a").add("third", "x", "", any);
  root.add("first", "x", "", any);
  root.child("z").add("again", "x", "", any);
  std::vector<std::string> paths;
  root.visit([&paths](const std::string& path, const leaf&) { paths.push_back(path); });
  EXPECT_EQ(paths, (std::vector<std::string>{"first", "z.second", "z.again", "a.third"}));
}

TEST(group, refuses_a_name_that_is_taken) {
  group root;
  counter any = 0;
  root.add("misses", "x", "", any);
  root.child("tlb");
  EXPECT_THROW(root.add("misses", "x", "", any), std::logic_error);
  EXPECT_THROW(root.add("tlb", "x", "", any), std::logic_error);
  EXPECT_THROW(root.child("misses"), std::logic_error);
}

TEST(group, refuses_a_name_that_would_break_the_path) {
  group root;
  counter any = 0;
  EXPECT_THROW(root.add("a.b", "x", "", any), std::logic_error);
  EXPECT_THROW(root.add("", "x", "", any), std::logic_error);
  EXPECT_THROW(root.child("a.b"), std::logic_error);
}

}  // namespace
