#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

outcome asked(std::vector<std::string> options) {
  options.insert(options.begin(), {"explain", "0x12345678", "--device", "01:02.3"});
  return run_program(options);
}

std::string explained(const std::vector<std::string>& options) {
  const outcome done = asked(options);
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.err, "");
  return done.out;
}

// Numbered lines of that dimension.
std::size_t reads(const std::string& text, const std::string& dimension) {
  const std::regex numbered(R"(\s*\d+  )" + dimension + " .*");
  std::istringstream input(text);
  std::size_t count = 0;
  for (std::string line; std::getline(input, line);) count += std::regex_match(line, numbered);
  return count;
}

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

TEST(explain_device, a_cold_nested_request_has_4_reads_of_device_entries_and_24_of_both_stages) {
  const std::string text = explained({"--pasid", "0x12345"});
  EXPECT_EQ(reads(text, "device"), 4u) << text;
  EXPECT_EQ(reads(text, "first"), 4u) << text;
  EXPECT_EQ(reads(text, "second"), 20u) << text;
  EXPECT_TRUE(says(text, "28 memory reads")) << text;
  EXPECT_TRUE(says(text, "mapped to HPA")) << text;
}

TEST(explain_device, five_levels_over_five_are_35) {
  const std::string text = explained({"--set", "driver.first_levels=5", "--set", "driver.second_levels=5"});
  EXPECT_EQ(reads(text, "first") + reads(text, "second"), 35u) << text;
}

TEST(explain_device, each_mode_walks_the_stages_that_it_has) {
  EXPECT_EQ(reads(explained({"--mode", "first-stage"}), "first"), 4u);
  EXPECT_EQ(reads(explained({"--mode", "second-stage"}), "second"), 4u);
  EXPECT_EQ(reads(explained({"--mode", "second-stage", "--set", "driver.second_page=2m"}), "second"), 3u);
  const std::string passed = explained({"--mode", "passthrough"});
  EXPECT_TRUE(says(passed, "4 memory reads")) << passed;
  EXPECT_TRUE(says(passed, "passed to HPA 0x12345678")) << passed;
}

TEST(explain_device, legacy_tables_are_two_entries) {
  const std::string text = explained({"--mode", "second-stage", "--set", "driver.tables=legacy"});
  EXPECT_EQ(reads(text, "device"), 2u) << text;
  EXPECT_TRUE(says(text, "domain 1, second stage of 4 levels")) << text;
}

TEST(explain_device, every_cycle_is_in_a_line) {
  static const std::regex ends_in_cycles(R"(.{73} *(\d+))");
  for (const char* const mode : {"passthrough", "first-stage", "second-stage", "nested"})
    for (const bool warm : {false, true}) {
      if (warm && mode == std::string("passthrough")) continue;
      std::vector<std::string> options = {"--mode", mode, "--set", "core.cycle=0.3"};
      if (warm) options.emplace_back("--warm");
      const std::string text = explained(options);
      std::uint64_t all = 0;
      std::istringstream input(text);
      std::smatch found;
      for (std::string line; std::getline(input, line);)
        if (std::regex_match(line, found, ends_in_cycles)) all += std::stoull(found[1]);
      EXPECT_TRUE(says(text, ", " + std::to_string(all) + " cycles, ")) << text;
    }
}

TEST(explain_device, a_warm_request_begins_at_what_the_caches_hold) {
  const std::string text = explained({"--pasid", "7", "--warm"});
  EXPECT_TRUE(says(text, "the context cache and the PASID cache have")) << text;
  EXPECT_EQ(reads(text, "device"), 0u) << text;
  EXPECT_EQ(reads(text, "first"), 1u) << text;
}

TEST(explain_device, the_units_keys_shape_its_caches) {
  const std::vector<std::string> warm = {"--warm", "--set", "iommu.context_cache.latency=7", "--set",
                                         "iommu.pasid_cache.entries=0"};
  const std::string text = explained(warm);
  EXPECT_TRUE(says(text, "the context cache has the device's entry")) << text;
  EXPECT_EQ(reads(text, "device"), 2u) << text;
}

TEST(explain_device, a_fault_shows_its_reason_and_the_record) {
  const std::string denied = explained({"--write", "--entry", "PTE=-RW"});
  EXPECT_TRUE(says(denied, "blocked, reason 85h")) << denied;
  EXPECT_TRUE(says(denied, "fault record 0: 0x8000008500000113 0000000012345000")) << denied;
  EXPECT_TRUE(says(explained({"--unmapped"}), "reason 71h"));
  EXPECT_TRUE(says(explained({"--mode", "second-stage", "--unmapped"}), "reason 79h"));
  EXPECT_TRUE(says(explained({"--entry", "SS PTE of PDE=-R"}), "reason 76h"));
  EXPECT_TRUE(says(explained({"--entry", "SS PTE of PML4E=-R"}), "reason 75h"));
  EXPECT_TRUE(says(explained({"--pasid", "0"}), "reason 48h"));
}

TEST(explain_device, entries_of_the_device_tables_can_be_changed) {
  EXPECT_TRUE(says(explained({"--entry", "root=-P"}), "reason 39h"));
  EXPECT_TRUE(says(explained({"--entry", "context=-P"}), "reason 41h"));
  EXPECT_TRUE(says(explained({"--entry", "PASID-dir=-P"}), "reason 51h"));
  EXPECT_TRUE(says(explained({"--entry", "PASID=+511"}), "reason 5Ah"));
  EXPECT_TRUE(says(explained({"--entry", "PASID=+FPD", "--entry", "PTE=-P"}), "nothing is recorded"));
}

TEST(explain_device, what_cannot_be_is_an_error_that_says_what_can) {
  const auto refused = [](const std::vector<std::string>& options) {
    const outcome done = asked(options);
    EXPECT_EQ(done.status, 1) << done.out;
    EXPECT_EQ(done.out, "");
    return done.err;
  };
  EXPECT_TRUE(says(refused({"--mode", "shadow"}), "passthrough, first-stage, second-stage, nested"));
  EXPECT_TRUE(says(refused({"--set", "driver.tables=legacy"}), "driver.tables"));
  EXPECT_TRUE(says(refused({"--set", "mmu.l2_tlb.entries=4"}), "unused key mmu.l2_tlb.entries"));
  EXPECT_TRUE(says(refused({"--set", "iommu.ecap=0xf020df"}), "0x20c7 is the same without"));
  EXPECT_TRUE(says(refused({"--set", "iommu.cap=0x11d2008c22380e07"}), "iommu.cap: bits 2:0 (ND) are 7"));
  EXPECT_TRUE(says(refused({"--set", "iommu.ecap=0x33e99cc6000fc5"}), "iommu.ecap: bit 43 (SMTS) needs bit 1 (QI)"));
  EXPECT_TRUE(says(refused({"--set", "iommu.iotlb.ways=7"}), "iommu.iotlb.ways"));
  EXPECT_TRUE(says(refused({"--set", "dram.size=1GiB"}), "dram.size"));
  EXPECT_TRUE(says(refused({"--entry", "foo=-P"}), "root, context, PASID-dir and PASID"));
  EXPECT_TRUE(says(refused({"--entry", "PASID=P"}), "set (+) and cleared (-)"));
  EXPECT_TRUE(says(refused({"--mode", "passthrough", "--entry", "PTE=-P"}), "no stage translates"));
  const outcome none = run_program({"explain", "0x1000", "--device", "1:2:3"});
  EXPECT_EQ(none.status, 1);
  EXPECT_TRUE(says(none.err, "write bus, device and function as 01:02.3"));
}

TEST(explain_device, a_machine_with_a_core_reads_no_key_of_the_unit) {
  const outcome done = run_program({"explain", "0x7f0012345678", "--set", "iommu.iotlb.entries=4"});
  EXPECT_EQ(done.status, 1);
  EXPECT_TRUE(says(done.err, "machines of devices")) << done.err;
}

}  // namespace
