// All vectors, performed on the RTL walker.
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "platforms/conform/conform.h"
#include "tb/rtl_executor.h"

namespace nestwalk::test {
namespace {

struct vectors {
  const char* name;
  const char* file;
  unsigned count;
  friend void PrintTo(const vectors& v, std::ostream* out) { *out << v.file; }
};

class rtl_conformance : public testing::TestWithParam<vectors> {};

TEST_P(rtl_conformance, every_vector_comes_out_the_same_on_the_rtl_walker) {
  const std::string path = std::string(NESTWALK_VECTORS "/") + GetParam().file;
  std::vector<std::unique_ptr<platforms::vector_executor>> rtl;
  rtl.push_back(std::make_unique<tb::rtl_executor>());
  std::ostringstream out;
  const int status = platforms::conform({path}, rtl, out);
  EXPECT_EQ(out.str(), path + ": " + std::to_string(GetParam().count) + " passed, 0 failed\n");
  EXPECT_EQ(status, 0);
}

INSTANTIATE_TEST_SUITE_P(files, rtl_conformance,
                         testing::Values(vectors{"native", "native.jsonl.zst", 20654},
                                         vectors{"npt", "npt.jsonl.zst", 23223}, vectors{"ept", "ept.jsonl.zst", 20000},
                                         vectors{"ept_mbec", "ept-mbec.jsonl.zst", 20000}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace nestwalk::test
