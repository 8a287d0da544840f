// The command `run` as a user sees it.
#include <algorithm>
#include <filesystem>
#include <sstream>

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

TEST(run, and_compare_repeat_a_trace) {
  const workplace files;
  const std::string trace = files.write("trace", lackey_trace(4000, 40));
  for (const char* const command : {"run", "compare"}) {
    const outcome done =
        run_program({command, "--trace", trace, "--repeat", "3", "--quiet", "--stats", files.path("out.json")});
    ASSERT_EQ(done.status, 0) << done.err;
    const nlohmann::json results = files.json("out.json");
    for (std::size_t i = 0; i < results.at("machines").size(); ++i) {
      EXPECT_EQ(statistic(results, i, "core.accesses"), 12000);
      EXPECT_EQ(results.at("machines")[i].at("repeat"), 3);
    }
  }
}

TEST(run, reads_a_trace_as_the_format_that_is_given) {
  const workplace files;
  const std::string record = std::string("\0\x10\x40", 3) + std::string(93, '\0');  // of CloudSuite: ip, and no operand
  std::string trace;
  for (unsigned i = 0; i < 100; ++i) trace += record;
  const std::string path = files.write("trace", trace);
  const outcome done = run_program(
      {"run", "--trace", path, "--trace-format", "cloudsuite", "--quiet", "--stats", files.path("out.json")});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(statistic(files.json("out.json"), 0, "core.accesses"), 100);
  EXPECT_NE(run_program({"run", "--trace", path, "--trace-format", "champsim", "--quiet"}).status, 0);
  EXPECT_NE(run_program({"run", "--trace", path, "--trace-format", "vcd", "--quiet"}).status, 0);
}

TEST(run, of_a_trace_performed_once_says_nothing_of_repeating) {
  const workplace files;
  const std::string trace = files.write("trace", lackey_trace(4000, 40));
  ASSERT_EQ(run_program({"run", "--trace", trace, "--quiet", "--stats", files.path("out.json")}).status, 0);
  EXPECT_FALSE(files.json("out.json").at("machines")[0].contains("repeat"));
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

// A word that fits no line stands alone in its own.
TEST(run, and_the_other_commands_print_lines_that_fit_a_terminal) {
  std::vector<std::vector<std::string>> commands = {
      {"--help"},
      {"run", "--describe"},
      {"run", "--describe", "--toml"},
      {"run", "--workload", "fork", "--limit", "30000"},
      {"run", "--workload", "fork", "--limit", "30000", "--mode", "shadow", "--check"},
      {"explain", "0x7f0012345678", "--set", "vmm.host_base=16TiB", "--set", "dram.size=32TiB"},
      {"explain", "0x7f0012345678", "--mode", "shadow", "--warm"},
      {"explain", "0x7f0012345678", "zen2", "--unmapped"},
      {"compare", "--limit", "30000", "--check"},
      {"compare", "--limit", "30000", "--set", "core.cycles_per_instruction=1000", "--set", "core.cycle=1000"}};
  for (const char* const each : {"run", "compare", "explain", "conform", "cosim", "cost"})
    commands.push_back({each, "--help"});
  for (const std::vector<std::string>& command : commands) {
    const outcome done = run_program(command);
    EXPECT_EQ(done.status, 0) << done.err;
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 80u) << line;
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    }
  }
}

TEST(run, describes_every_key) {
  const outcome done = run_program({"run", "--describe"});
  EXPECT_EQ(done.status, 0);
  EXPECT_NE(done.out.find("mmu.l2_tlb.entries = 1536 entries"), std::string::npos);
  EXPECT_NE(done.out.find("vmm.shadow.policy = \"write-protect\""), std::string::npos);
}

TEST(run, describes_a_configuration_that_can_be_given_back) {
  const workplace files;
  const std::vector<std::string> whole = {"run",        "zen2",
                                          "--workload", "zipf",
                                          "--mode",     "shadow",
                                          "--set",      "vmm.shadow.policy=out-of-sync",
                                          "--set",      "workload.exponent=0.7"};
  std::vector<std::string> describing = whole;
  describing.insert(describing.end(), {"--describe", "--toml"});
  const outcome described = run_program(describing);
  ASSERT_EQ(described.status, 0) << described.err;
  const std::string file = files.write("mine.toml", described.out);
  const auto run = [&](std::vector<std::string> words, const char* stats) {
    words.insert(words.end(), {"--limit", "2000", "--stats", files.path(stats)});
    const outcome done = run_program(words);
    EXPECT_EQ(done.status, 0) << done.err;
  };
  run(whole, "first.json");
  run({"run", file, "--workload", "zipf", "--mode", "shadow"}, "second.json");
  EXPECT_EQ(files.read("first.json"), files.read("second.json"));
}

// Whatever is edited in: every line that names a key is one that every machine and workload together take.
TEST(run, describes_every_key_in_toml_as_one_that_can_be_set) {
  const workplace files;
  const outcome described = run_program({"run", "--describe", "--toml"});
  std::string all = described.out;
  for (std::size_t at = 0; (at = all.find("\n# ", at)) != std::string::npos; ++at)
    if (all.find(" = ", at) < all.find('\n', at + 1)) all.erase(at + 1, 2);
  EXPECT_GT(std::count(all.begin(), all.end(), '='), 150);
  const outcome again = run_program({"run", files.write("all.toml", all), "--describe"});
  EXPECT_EQ(again.status, 0) << again.err;
}

TEST(run, wants_describe_beside_toml) {
  EXPECT_EQ(run_program({"run", "--toml"}).status, 2);
}

TEST(run, takes_a_word_behind_a_setting_for_the_configuration) {
  const outcome done = run_program({"run", "--set", "core.cycle=1", "zen2", "--describe"});
  EXPECT_NE(done.out.find("mmu.vendor = \"amd\""), std::string::npos) << done.err;
}

TEST(run, describes_what_each_workload_takes_by_default) {
  const std::string text = run_program({"run", "--describe"}).out;
  EXPECT_NE(
      text.find("workload.footprint = 64MiB bytes (gups, chase, zipf), 48MiB bytes (stream), 4MiB\n    bytes (switch, "
                "fork), 16MiB bytes (churn)\n"),
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

TEST(run, says_what_it_passed_over_in_a_file) {
  const workplace files;
  const std::string trace = files.write("trace", "==1== Lackey\nSB 04001000\n" + lackey_trace(100, 4) + "hello\n" +
                                                     " L nonsense,8\n" + lackey_trace(100, 4) + "==1== Exit code: 0\n");
  const outcome done = run_program({"run", "--quiet", "--trace", trace, "--stats", files.path("out.json")});
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(done.err, "nestwalk: note: trace: 3 lines of other text passed over (first: line 2: \"SB 04001000\")\n");
  EXPECT_EQ(files.json("out.json")["machines"][0].at("passed_over_lines"), 3);
  EXPECT_EQ(statistic(files.json("out.json"), 0, "core.accesses"), 200);
}

}  // namespace
