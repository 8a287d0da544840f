#include "tb/cosim.h"

#include <sstream>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "tb/bench.h"
#include "tb/walk_alone.h"

namespace nestwalk::tb {
namespace {

// Every model that was built, over a seed of its own.
class every_model : public ::testing::TestWithParam<std::string> {};

TEST_P(every_model, agrees_with_the_step_machine) {
  seed_options options;
  options.seed = 1234;
  options.walks = 5'000;
  options.model = GetParam();
  const seed_result result = run_seed(options);
  EXPECT_EQ(result.failure, "") << "seed " << options.seed << ", walk " << result.failed_walk;
  EXPECT_EQ(result.walks, options.walks);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const model_shape& shape : model_shapes()) all.push_back(shape.name);
  return all;
}
INSTANTIATE_TEST_SUITE_P(rtl, every_model, ::testing::ValuesIn(names()), [](const auto& p) { return p.param; });

TEST(cosim, names_the_contexts_that_were_built) {
  cosim_options options;
  options.contexts = 3;
  std::ostringstream out;
  EXPECT_THROW(cosim(options, out), input_error);
}

TEST(cosim, one_seed_gives_the_same_report_twice) {
  cosim_options options;
  options.seed = 7;
  options.walks = 500;
  std::ostringstream first, second;
  EXPECT_EQ(cosim(options, first), 0);
  EXPECT_EQ(cosim(options, second), 0);
  EXPECT_EQ(first.str(), second.str());
}

}  // namespace
}  // namespace nestwalk::tb
