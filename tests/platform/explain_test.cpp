#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

constexpr const char* address = "0x7f0012345678";

std::vector<std::string> numbered_lines(const std::string& text) {
  static const std::regex numbered(R"(\s*\d+  (guest|shadow|nested) .*)");
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);)
    if (std::regex_match(line, numbered)) lines.push_back(line);
  return lines;
}

std::string explained(std::vector<std::string> options) {
  options.insert(options.begin(), {"explain", address});
  const outcome done = run_program(options);
  EXPECT_EQ(done.status, 0) << done.err;
  return done.out;
}

TEST(explain, a_cold_nested_walk_has_24_numbered_reads) {
  const std::string text = explained({"--mode", "nested"});
  const auto lines = numbered_lines(text);
  ASSERT_EQ(lines.size(), 24u) << text;
  EXPECT_NE(lines.front().find("EPT PML4E"), std::string::npos);
  EXPECT_NE(lines[4].find("guest"), std::string::npos);
  EXPECT_NE(lines[4].find("PML4E"), std::string::npos);
  EXPECT_NE(lines[4].find("GPA"), std::string::npos);
  EXPECT_NE(lines[19].find("PTE"), std::string::npos);
  EXPECT_NE(lines.back().find("EPT PTE"), std::string::npos);
  EXPECT_NE(text.find("guest stage: 4K page, read write"), std::string::npos) << text;
  EXPECT_NE(text.find("nested stage: 4K page, read write execute"), std::string::npos) << text;
}

TEST(explain, the_cycles_in_memory_are_those_of_the_lines) {
  const std::string text = explained({"--mode", "nested"});
  std::uint64_t all = 0;
  for (const std::string& line : numbered_lines(text)) all += std::stoull(line.substr(line.rfind(' ')));
  EXPECT_NE(text.find(", " + std::to_string(all) + " of them in memory"), std::string::npos) << text;
}

TEST(explain, native_and_shadow_walk_one_dimension) {
  for (const char* const mode : {"native", "shadow"}) {
    const std::string text = explained({"--mode", mode});
    EXPECT_EQ(numbered_lines(text).size(), 4u) << text;
    EXPECT_NE(text.find("mapped to HPA"), std::string::npos) << text;
  }
}

TEST(explain, a_nested_machine_by_amd_walks_npt) {
  const std::string text = explained({"zen2", "--mode", "nested", "--set", "vmm.backing=4k"});
  EXPECT_EQ(numbered_lines(text).size(), 24u) << text;
  EXPECT_NE(text.find("nPML4E"), std::string::npos) << text;
}

TEST(explain, a_larger_backing_takes_fewer_reads) {
  EXPECT_EQ(numbered_lines(explained({"--set", "vmm.backing=2m"})).size(), 19u);
}

TEST(explain, a_warm_walk_reads_less) {
  const std::string text = explained({"--mode", "nested", "--warm"});
  const std::size_t reads = numbered_lines(text).size();
  EXPECT_GT(reads, 0u) << text;
  EXPECT_LT(reads, 24u) << text;
}

TEST(explain, an_unmapped_page_shows_the_fault_spelled_out) {
  for (const char* const mode : {"native", "shadow", "nested"}) {
    const std::string text = explained({"--mode", mode, "--unmapped"});
    EXPECT_NE(text.find("fault: #PF(0x4) at 0x7f0012345678: read, user, page not present"), std::string::npos) << text;
  }
}

TEST(explain, an_unmapped_large_page_is_not_mapped_with_its_neighbour) {
  for (const char* const mode : {"native", "shadow", "nested"}) {
    const std::string text = explained({"--mode", mode, "--unmapped", "--set", "guest.pages=2m"});
    EXPECT_NE(text.find("fault: #PF(0x4) at 0x7f0012345678: read, user, page not present"), std::string::npos) << text;
  }
}

TEST(explain, a_warm_walk_of_a_large_page_follows_one_to_another_page) {
  EXPECT_GT(numbered_lines(explained({"--mode", "native", "--warm", "--set", "guest.pages=2m"})).size(), 0u);
  for (const char* const backing : {"vmm.backing=4k", "vmm.backing=2m"}) {
    const std::string text = explained({"--warm", "--set", "guest.pages=2m", "--set", backing});
    EXPECT_NE(text.find("guest stage: 2M page"), std::string::npos) << text;
  }
}

TEST(explain, an_address_that_is_none_is_an_error) {
  for (const char* const bad : {"0x8000000000000000", "0xffff800000000000", "here"}) {
    const outcome done = run_program({"explain", bad});
    EXPECT_EQ(done.status, 1);
    EXPECT_NE(done.err.find(bad), std::string::npos) << done.err;
  }
}

}  // namespace
