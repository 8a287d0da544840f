// All vectors, performed in every way.
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

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

TEST(conformance_pipe, is_read_once_and_performed_whole) {
  const std::string pipe = testing::TempDir() + "vectors." + std::to_string(getpid());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&pipe] { std::ofstream(pipe) << std::ifstream(NESTWALK_VECTORS "/native.jsonl.zst").rdbuf(); });
  const std::vector<platforms::vector_source> files = {pipe};
  writer.join();
  std::ostringstream out;
  EXPECT_EQ(platforms::conform(files, platforms::all_executors(platforms::capabilities_in(files)), out), 0);
  EXPECT_EQ(out.str(), pipe + ": 20654 passed, 0 failed\n");
  unlink(pipe.c_str());
}

INSTANTIATE_TEST_SUITE_P(files, conformance,
                         testing::Values(vectors{"native", "native.jsonl.zst", 20654},
                                         vectors{"npt", "npt.jsonl.zst", 23223}, vectors{"ept", "ept.jsonl.zst", 20000},
                                         vectors{"ept_mbec", "ept-mbec.jsonl.zst", 20000}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace nestwalk::test
