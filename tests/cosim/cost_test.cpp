#include "tb/cost.h"

#include <cstdlib>
#include <sstream>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::tb {
namespace {

TEST(cost, says_which_package_to_install_where_yosys_is_missing) {
  setenv("PATH", "/nowhere", 1);
  std::ostringstream out;
  EXPECT_EQ(cost({}, out), 1);
  EXPECT_EQ(out.str(), "cost needs Yosys: install the Debian package yosys\n");
}

TEST(cost, numbers_of_contexts_that_cannot_be_built_are_refused) {
  cost_options options;
  std::ostringstream out;
  options.contexts = {2, 0};
  EXPECT_THROW(cost(options, out), input_error);
  options.contexts = {65};
  EXPECT_THROW(cost(options, out), input_error);
  EXPECT_EQ(out.str(), "");
}

TEST(cost, a_second_context_costs_what_it_keeps) {
  if (!yosys_is_installed()) GTEST_SKIP() << "Yosys is not installed (Debian package yosys)";
  const synthesis one = synthesise(1);
  const synthesis two = synthesise(2);
  // A request, a walk, tag, domain, and five kept entries of each stage.
  constexpr unsigned least = 243 + 200 + 16 + 8 + 2 * 5 * 64;
  EXPECT_GE(two.flip_flops, one.flip_flops + least);
  EXPECT_LE(two.flip_flops, one.flip_flops + least + 100);
  EXPECT_GT(two.luts, one.luts);
  EXPECT_GT(one.depth, 0u);
}

TEST(cost, the_table_gives_the_cycles_of_a_walk_beside_the_cost) {
  if (!yosys_is_installed()) GTEST_SKIP() << "Yosys is not installed (Debian package yosys)";
  cost_options options;
  options.contexts = {1};
  options.latency = 7;
  std::ostringstream out;
  EXPECT_EQ(cost(options, out), 0);
  EXPECT_NE(out.str().find("  193  "), std::string::npos) << out.str();  // 24 x (7 + 1) + 1
}

}  // namespace
}  // namespace nestwalk::tb
