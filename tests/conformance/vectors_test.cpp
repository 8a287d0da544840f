// All vectors, performed in every way.
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "platforms/conform/conform.h"

namespace nestwalk::test {
namespace {

struct vectors {
  const char* name;
  const char* file;
  unsigned count;
  friend void PrintTo(const vectors& v, std::ostream* out) { *out << v.file; }
};

class conformance : public testing::TestWithParam<vectors> {};

TEST_P(conformance, every_vector_comes_out_the_same_in_every_way) {
  const std::string path = std::string(NESTWALK_VECTORS "/") + GetParam().file;
  std::ostringstream out;
  const int status = platforms::conform({path}, platforms::all_executors(platforms::capabilities_in({path})), out);
  EXPECT_EQ(out.str(), path + ": " + std::to_string(GetParam().count) + " passed, 0 failed\n");
  EXPECT_EQ(status, 0);
}

INSTANTIATE_TEST_SUITE_P(files, conformance,
                         testing::Values(vectors{"native", "native.jsonl.zst", 20654},
                                         vectors{"npt", "npt.jsonl.zst", 23223}, vectors{"ept", "ept.jsonl.zst", 20000},
                                         vectors{"ept_mbec", "ept-mbec.jsonl.zst", 20000}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace nestwalk::test
