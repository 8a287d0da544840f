// The traces that ship are what traces/README.md says of them.
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/workload/open_trace.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

std::set<std::string> shipped() {
  std::set<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(NESTWALK_TRACES))
    if (entry.path().extension() == ".zst") paths.insert(entry.path().string());
  return paths;
}

TEST(shipped_traces, are_three_at_least_each_over_2_million_accesses_and_under_3_MB) {
  EXPECT_GE(shipped().size(), 3u);
  for (const std::string& path : shipped()) {
    EXPECT_LT(std::filesystem::file_size(path), 3'000'000u) << path;
    const std::unique_ptr<source> trace = open_trace(path);
    EXPECT_STREQ(trace->format(), "lackey") << path;
    EXPECT_GT(all_of(*trace, 4096).size(), 2'000'000u) << path;
  }
}

TEST(shipped_traces, of_the_hash_join_goes_beyond_12_MiB) {
  std::set<std::uint64_t> pages;
  for (const operation& each : all_of(*open_trace(NESTWALK_TRACES "/join.lackey.zst"), 4096))
    pages.insert(each.address.base(12).value);
  EXPECT_GT(pages.size() * 4096, 12u << 20);
}

}  // namespace
}  // namespace nestwalk::workload::test
