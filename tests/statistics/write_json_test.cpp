#include "nestwalk/statistics/write_json.h"

#include <array>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "nestwalk/statistics/group.h"

namespace {

using nestwalk::statistics::counter;
using nestwalk::statistics::group;
using nestwalk::statistics::histogram;
using nestwalk::statistics::ratio;
using nestwalk::statistics::sum;
using nestwalk::statistics::write_json;

TEST(write_json, gives_an_empty_object_for_an_empty_tree) {
  EXPECT_EQ(write_json(group()).dump(), "{}");
}

TEST(write_json, writes_each_leaf_under_its_path_with_value_unit_and_about) {
  group root;
  counter misses = 1;
  counter lookups = 3;
  group& tlb = root.child("mmu").child("tlb");
  tlb.add("misses", "lookups", "Lookups that found nothing.", misses);
  tlb.add("miss_rate", "misses/lookup", "Misses for each lookup.", [&] { return ratio(misses, lookups); });
  EXPECT_EQ(write_json(root).dump(),
            R"({"mmu.tlb.misses":{"value":1,"unit":"lookups","about":"Lookups that found nothing."},)"
            R"("mmu.tlb.miss_rate":{"value":0.3333333333333333,"unit":"misses/lookup",)"
            R"("about":"Misses for each lookup."}})");
}

TEST(write_json, writes_a_counter_to_its_last_bit) {
  group root;
  counter all = std::numeric_limits<std::uint64_t>::max();
  root.add("all", "accesses", "", all);
  EXPECT_EQ(write_json(root)["all"]["value"].dump(), "18446744073709551615");
}

TEST(write_json, writes_a_sum_of_counters_as_a_whole_number) {
  group root;
  std::array<counter, 2> parts{7000, 600};
  root.add("all", "accesses", "", sum().of(parts));
  EXPECT_EQ(write_json(root)["all"]["value"].dump(), "7600");
  EXPECT_EQ(root.value("all"), 7600);
}

TEST(write_json, writes_null_for_a_value_that_is_not_finite) {
  group root;
  root.add("none", "x", "", [] { return std::numeric_limits<double>::quiet_NaN(); });
  EXPECT_EQ(write_json(root)["none"]["value"].dump(), "null");
}

TEST(write_json, writes_a_histogram_with_its_summary_and_the_buckets_that_hold_anything) {
  group root;
  histogram latency;
  for (const std::uint64_t each : {10u, 10u, 20u, 1000u}) latency.add(each);
  root.add("latency", "cycles", "Time of one walk.", latency);
  EXPECT_EQ(write_json(root)["latency"]["value"].dump(),
            R"({"count":4,"sum":1040,"mean":260.0,"median":10,"p99":1000,"max":1000,)"
            R"("buckets":[[10,10,2],[20,20,1],[1000,1007,1]]})");
}

}  // namespace
