#include <ostream>

#include <gtest/gtest.h>

#include "tb/reference_walk.h"

namespace nestwalk::tb {

// GoogleTest names the test's parameter by it.
void PrintTo(const model_shape& shape, std::ostream* out) {
  *out << shape.name;
}

namespace {

constexpr unsigned reads = 24;

// Models without caches, which read every entry.
std::vector<model_shape> plain_shapes() {
  std::vector<model_shape> plain;
  for (const model_shape& shape : model_shapes())
    if (shape.nested_tlb_entries + shape.walk_cache_entries == 0) plain.push_back(shape);
  return plain;
}

class rate_test : public ::testing::TestWithParam<model_shape> {};

TEST_P(rate_test, a_lone_walk_takes_no_more_cycles_than_the_formula_gives) {
  for (const unsigned latency : {1u, 2u, 5u, 10u, 40u}) {
    const unsigned per_read = latency + (GetParam().bypass ? 0 : 1);
    EXPECT_LE(measure_rate(GetParam(), latency).cycles_alone, reads * per_read + 2) << "latency " << latency;
  }
}

TEST_P(rate_test, an_entry_is_read_in_95_cycles_of_100_once_contexts_outnumber_the_latency_by_two) {
  for (const unsigned latency : {1u, 2u, 5u, 10u, 14u, 30u, 62u}) {
    if (GetParam().contexts < latency + 2) continue;
    EXPECT_GE(measure_rate(GetParam(), latency).reads_per_cycle, 0.95) << "latency " << latency;
  }
}

INSTANTIATE_TEST_SUITE_P(rtl, rate_test, ::testing::ValuesIn(plain_shapes()),
                         [](const auto& p) { return p.param.name; });

}  // namespace
}  // namespace nestwalk::tb
