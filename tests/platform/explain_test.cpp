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

/// Of all lines that end in the column of cycles.
std::uint64_t cycles_of_lines(const std::string& text) {
  static const std::regex ends_in_cycles(R"(.{73} *(\d+))");
  std::uint64_t all = 0;
  std::istringstream input(text);
  std::smatch found;
  for (std::string line; std::getline(input, line);)
    if (std::regex_match(line, found, ends_in_cycles)) all += std::stoull(found[1]);
  return all;
}

TEST(explain, every_cycle_of_a_walk_is_in_a_line_of_its_table) {
  const std::vector<std::vector<std::string>> walks{
      {"--mode", "nested"},
      {"--mode", "native"},
      {"--mode", "nested", "--warm"},
      {"--mode", "nested", "--warm", "--set", "vmm.backing=2m", "--set", "core.cycle=0.3"},
      {"--mode", "shadow", "--warm"},
      {"--mode", "nested", "--unmapped", "--set", "mmu.guest_walker.start=3"},
      {"zen2", "--mode", "nested", "--warm", "--set", "vmm.backing=4k"}};
  for (const auto& options : walks) {
    const std::string text = explained(options);
    EXPECT_NE(text.find(", " + std::to_string(cycles_of_lines(text)) + " cycles, "), std::string::npos) << text;
  }
}

TEST(explain, the_cycles_in_memory_are_those_of_the_reads_without_the_walkers_steps) {
  const std::string text = explained({"--mode", "nested", "--set", "mmu.guest_walker.step=0", "--set",
                                      "mmu.nested_walker.step=0", "--set", "core.cycle=0.3"});
  EXPECT_NE(text.find(", " + std::to_string(cycles_of_lines(text)) + " cycles, " +
                      std::to_string(cycles_of_lines(text)) + " of them in memory"),
            std::string::npos)
      << text;
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

std::string last_line(const std::string& text) {
  const std::size_t begin = text.rfind('\n', text.size() - 2);
  return text.substr(begin == std::string::npos ? 0 : begin + 1);
}

TEST(explain, a_store_to_a_clean_page_sets_the_dirty_flag) {
  for (const char* const mode : {"native", "shadow", "nested"}) {
    const std::string text = explained({"--mode", mode, "--write", "--entry", "PTE=-D"});
    EXPECT_NE(text.find("write of "), std::string::npos) << text;
    EXPECT_NE(text.find("exchange"), std::string::npos) << text;
    EXPECT_EQ(explained({"--mode", mode, "--write"}).find("exchange"), std::string::npos);
    EXPECT_EQ(explained({"--mode", mode, "--entry", "PTE=-D"}).find("exchange"), std::string::npos)
        << "a load sets none";
  }
}

TEST(explain, every_flag_of_both_stages_can_be_cleared) {
  const std::string text = explained({"--write", "--entry", "guest=-A-D", "--entry", "nested=-A-D"});
  std::size_t exchanges = 0;
  for (std::size_t at = text.find("exchange"); at != std::string::npos; at = text.find("exchange", at + 1)) ++exchanges;
  // The guest's four; of the second stage three that all pages share, and a PTE of each of five pages.
  EXPECT_EQ(exchanges, 4u + 3u + 5u) << text;
}

TEST(explain, protection_is_judged_for_the_access_and_its_mode) {
  const auto faults = [](const std::vector<std::string>& options) {
    return explained(options).find("fault: #PF") != std::string::npos;
  };
  const std::vector<std::string> native = {"--mode", "native"};
  const auto with = [&native](std::vector<std::string> more) {
    more.insert(more.begin(), native.begin(), native.end());
    return more;
  };
  EXPECT_FALSE(faults(with({"--entry", "PTE=-RW"})));
  EXPECT_TRUE(faults(with({"--write", "--entry", "PTE=-RW"})));
  EXPECT_FALSE(faults(with({"--fetch"})));
  EXPECT_TRUE(faults(with({"--fetch", "--entry", "PDE=+XD"})));
  EXPECT_TRUE(faults(with({"--entry", "PML4E=-US"})));
  EXPECT_FALSE(faults(with({"--supervisor", "--entry", "PTE=-US"})));
  EXPECT_TRUE(faults(with({"--supervisor"}))) << "the guest has SMAP on";
}

TEST(explain, the_second_stage_faults_for_the_page_whose_entry_was_changed) {
  EXPECT_NE(explained({"--write", "--entry", "EPT PTE=-W"}).find("of the data page"), std::string::npos);
  const std::string text = explained({"--entry", "ept-pte-of-pde=-w"});
  EXPECT_EQ(numbered_lines(text).size(), 14u) << text;
  EXPECT_NE(text.find("of a guest table entry"), std::string::npos) << text;
  EXPECT_NE(explained({"--entry", "EPT PTE=-R"}).find("fault: EPT misconfiguration"), std::string::npos);
  EXPECT_NE(explained({"zen2", "--entry", "nPDE=-P"}).find("fault: nested page fault"), std::string::npos);
}

TEST(explain, a_changed_entry_is_seen_past_what_is_cached) {
  const std::string text = explained({"--mode", "native", "--warm", "--entry", "PTE=-P"});
  EXPECT_NE(text.find("something cached led to a fault"), std::string::npos) << text;
  EXPECT_NE(last_line(text).find("page not present"), std::string::npos) << text;
}

TEST(explain, a_change_that_cannot_be_made_is_an_error_that_says_what_can) {
  const auto refused = [](std::vector<std::string> options) {
    options.insert(options.begin(), {"explain", address});
    const outcome done = run_program(options);
    EXPECT_EQ(done.status, 1) << done.out;
    EXPECT_EQ(done.out, "");
    return done.err;
  };
  EXPECT_NE(refused({"--entry", "PTE"}).find("as PTE=-RW"), std::string::npos);
  EXPECT_NE(refused({"--entry", "PTE=RW"}).find("set (+) and cleared (-)"), std::string::npos);
  EXPECT_NE(refused({"--entry", "PTE=-QQ"}).find("\"QQ\" is no flag; take one of P, RW, US"), std::string::npos);
  EXPECT_NE(refused({"--entry", "PTE=+64"}).find("0 to 63"), std::string::npos);
  EXPECT_NE(refused({"--entry", "EPT PTE=+RW"}).find("take one of R, W, X"), std::string::npos);
  EXPECT_NE(refused({"--entry", "PTE=+A-A"}).find("both set and cleared"), std::string::npos);
  EXPECT_NE(refused({"--entry", "XTE=-A"}).find("\"XTE\" is no entry"), std::string::npos);
  EXPECT_NE(refused({"--entry", "PTE of PDE=-A"}).find("second stage"), std::string::npos);
  EXPECT_NE(refused({"--entry", "EPT PTE of page=-A"}).find("is no guest entry"), std::string::npos);
  EXPECT_NE(refused({"--entry", "PML5E=-A"}).find("it uses PML4E, PDPTE, PDE, PTE, EPT PML4E"), std::string::npos);
  for (const char* const mode : {"native", "shadow"})
    EXPECT_NE(refused({"--mode", mode, "--entry", "EPT PTE=-W"}).find("no second stage"), std::string::npos);
}

}  // namespace
