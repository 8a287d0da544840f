// The command `run` as a user sees it.
#include <filesystem>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

TEST(run, writes_the_promised_form) {
  const workplace files;
  const outcome done = run_program({"run", "--mode", "nested", "--workload", "gups", "--set", "workload.length=20000",
                                    "--set", "workload.footprint=1MiB", "--stats", files.path("out.json")});
  ASSERT_EQ(done.status, 0) << done.err;
  const nlohmann::json results = files.json("out.json");
  EXPECT_TRUE(results.at("nestwalk").is_string());
  EXPECT_EQ(results.at("partial"), false);
  EXPECT_EQ(results.at("configuration").at("mmu.l2_tlb.entries"), 1536);
  ASSERT_EQ(results.at("machines").size(), 1u);
  EXPECT_EQ(results.at("machines")[0].at("mode"), "nested");
  const nlohmann::json& accesses = results.at("machines")[0].at("statistics").at("core.accesses");
  EXPECT_EQ(accesses.at("value"), 20000);
  EXPECT_EQ(accesses.at("unit"), "accesses");
  EXPECT_FALSE(accesses.at("about").get<std::string>().empty());
  const nlohmann::json& latency = results.at("machines")[0].at("statistics").at("mmu.guest_walker.latency");
  EXPECT_TRUE(latency.at("value").at("buckets").is_array());
}

TEST(run, gives_the_same_bytes_for_the_same_input) {
  const workplace files;
  for (const char* const mode : {"native", "shadow", "nested"}) {
    for (const char* const name : {"first.json", "second.json"})
      ASSERT_EQ(run_program({"run", "--mode", mode, "--workload", "fork", "--set", "workload.length=30000", "--set",
                             "workload.footprint=256KiB", "--set", "mmu.l2_tlb.replacement=random", "--quiet",
                             "--check", "--stats", files.path(name)})
                    .status,
                0);
    EXPECT_EQ(files.read("first.json"), files.read("second.json")) << mode;
    EXPECT_FALSE(files.read("first.json").empty());
  }
}

TEST(run, reads_a_trace_from_standard_input) {
  const workplace files;
  const std::string trace = files.write("trace", "==1== Lackey, an example Valgrind tool\n" + lackey_trace(4000, 40));
  const outcome done = run_program({"run", "--trace", "-", "--stats", files.path("out.json")}, trace);
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(statistic(files.json("out.json"), 0, "core.accesses"), 4000);
}

TEST(run, begins_the_statistics_after_the_warmup_and_ends_at_the_limit) {
  const workplace files;
  const std::string trace = files.write("trace", lackey_trace(4000, 40));
  const outcome done = run_program({"run", "--mode", "native", "--trace", trace, "--warmup", "1000", "--limit", "3000",
                                    "--stats", files.path("out.json")});
  ASSERT_EQ(done.status, 0) << done.err;
  const nlohmann::json results = files.json("out.json");
  EXPECT_EQ(results.at("partial"), false);
  EXPECT_EQ(statistic(results, 0, "core.accesses"), 2000);
  EXPECT_EQ(statistic(results, 0, "core.page_faults"), 0) << "every page was touched before";
  EXPECT_GT(statistic(results, 0, "core.cycles"), 2000);
}

TEST(run, counts_every_access_without_a_warmup) {
  const workplace files;
  const std::string trace = files.write("trace", lackey_trace(4000, 41));
  ASSERT_EQ(run_program({"run", "--mode", "native", "--trace", trace, "--stats", files.path("out.json")}).status, 0);
  EXPECT_GE(statistic(files.json("out.json"), 0, "core.page_faults"), 41);
}

TEST(run, quiet_prints_nothing) {
  const outcome done = run_program({"run", "--workload", "stream", "--set", "workload.length=3000", "--quiet"});
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(done.out + done.err, "");
}

TEST(run, prints_a_table_by_default) {
  const outcome done = run_program({"run", "--mode", "shadow", "--workload", "fork", "--set", "workload.length=20000",
                                    "--set", "workload.footprint=128KiB"});
  ASSERT_EQ(done.status, 0) << done.err;
  for (const char* const row :
       {"accesses", "cycles per access", "share of cycles in translation", "walks", "guest reads per walk",
        "walk latency, median", "guest page faults", "VM exits", "VMM cycles", "shadow"})
    EXPECT_NE(done.out.find(row), std::string::npos) << row << " in\n" << done.out;
}

TEST(run, describes_every_key) {
  const outcome done = run_program({"run", "--describe"});
  EXPECT_EQ(done.status, 0);
  EXPECT_NE(done.out.find("mmu.l2_tlb.entries = 1536 entries"), std::string::npos);
  EXPECT_NE(done.out.find("vmm.shadow.policy = \"write-protect\""), std::string::npos);
}

TEST(run, describes_what_each_workload_takes_by_default) {
  const std::string text = run_program({"run", "--describe"}).out;
  EXPECT_NE(text.find("workload.footprint = 64MiB bytes (gups, chase, zipf), 48MiB bytes (stream), 4MiB bytes (switch, "
                      "fork)\n"),
            std::string::npos);
  EXPECT_NE(text.find("workload.seed = 1\n"), std::string::npos);
  EXPECT_EQ(text.find("unset"), std::string::npos);
}

TEST(run, describes_the_configuration_that_is_named) {
  const std::string text = run_program({"run", "zen2", "--set", "workload.seed=9", "--describe"}).out;
  EXPECT_NE(text.find("mmu.vendor = \"amd\"\n"), std::string::npos);
  EXPECT_NE(text.find("workload.seed = 9\n"), std::string::npos);
}

TEST(run, writes_all_that_it_takes_to_run_it_again) {
  const workplace files;
  ASSERT_EQ(run_program({"run", "--quiet", "--workload", "gups", "--warmup", "100", "--limit", "3000", "--stats",
                         files.path("out.json")})
                .status,
            0);
  const nlohmann::json of_run = files.json("out.json").at("configuration");
  EXPECT_EQ(of_run.at("workload.footprint"), 64 << 20);
  EXPECT_EQ(of_run.at("workload.length"), 4'000'000);
  EXPECT_EQ(of_run.at("workload.seed"), 1);
  EXPECT_EQ(of_run.at("run.workloads"), nlohmann::json{"gups"});
  EXPECT_EQ(of_run.at("run.warmup"), 100);
  EXPECT_EQ(of_run.at("run.limit"), 3000);
  for (const auto& [key, held] : of_run.items()) EXPECT_FALSE(held.is_null()) << key;
}

TEST(run, every_command_has_help_with_an_example) {
  for (const char* const command : {"run", "compare", "explain", "conform"}) {
    const outcome done = run_program({command, "--help"});
    EXPECT_EQ(done.status, 0);
    EXPECT_NE(done.out.find("Example:\n  nestwalk " + std::string(command)), std::string::npos) << done.out;
  }
}

TEST(run, takes_a_shipped_configuration_although_a_folder_has_its_name) {
  const workplace files;
  std::filesystem::create_directory(files.path("zen2"));
  std::filesystem::current_path(files.path(""));
  const outcome done = run_program(
      {"run", "zen2", "--quiet", "--workload", "gups", "--set", "workload.length=200", "--stats", "out.json"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(files.json("out.json").at("configuration").at("mmu.vendor"), "amd");
}

TEST(run, takes_a_shipped_configuration_by_its_name) {
  const workplace files;
  for (const char* const mode : {"native", "shadow", "nested"}) {
    const outcome done = run_program({"run", "zen2", "--mode", mode, "--workload", "gups", "--set",
                                      "workload.length=8000", "--check", "--stats", files.path("out.json")});
    ASSERT_EQ(done.status, 0) << mode << ": " << done.err;
    EXPECT_EQ(files.json("out.json").at("configuration").at("mmu.vendor"), "amd");
  }
  EXPECT_GT(statistic(files.json("out.json"), 0, "core.vmm.exits.nested_page_fault"), 0);
}

// A trace with two lines of a program's own output.
const char* const mixed_trace = "I  04001000,3\nhello\nworld L 1ffeff0000,8\n";

TEST(run, says_what_it_passed_over_in_standard_input) {
  const workplace files;
  const outcome done = run_program({"run", "--quiet", "--trace", "-", "--stats", files.path("out.json")},
                                   files.write("trace", mixed_trace));
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(done.err, "nestwalk: note: standard input: 2 lines of other text passed over (first: line 2: \"hello\")\n");
  EXPECT_EQ(files.json("out.json")["machines"][0].at("passed_over_lines"), 2);
  EXPECT_EQ(statistic(files.json("out.json"), 0, "core.accesses"), 2);
}

}  // namespace
