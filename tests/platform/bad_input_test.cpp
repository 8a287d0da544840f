// Bad input: a message that names what was wrong, a status that is not 0, and nothing lost that came before.
#include <filesystem>
#include <sys/resource.h>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

void expect_complaint(const outcome& done, const std::vector<std::string>& words) {
  EXPECT_EQ(done.status, 1) << done.err;
  EXPECT_EQ(done.err.rfind("nestwalk: ", 0), 0u) << done.err;
  for (const std::string& word : words) EXPECT_NE(done.err.find(word), std::string::npos) << word << " in " << done.err;
}

TEST(bad_input, a_missing_trace_is_named) {
  for (const char* const command : {"run", "compare"})
    expect_complaint(run_program({command, "--trace", "/no/such/trace.xz"}), {"/no/such/trace.xz"});
}

TEST(bad_input, what_can_be_read_only_once_is_not_repeated) {
  const std::string text = lackey_trace(100, 10);
  expect_complaint(run_program({"run", "--trace", "-", "--repeat", "2"}, text),
                   {"--repeat 2", "standard input can be read only once"});
  expect_complaint(run_program({"compare", "--trace", "/dev/stdin", "--repeat", "2"}, text),
                   {"--repeat 2", "/dev/stdin can be read only once"});
}

TEST(bad_input, only_a_trace_is_repeated) {
  EXPECT_NE(run_program({"run", "--workload", "gups", "--repeat", "2"}).status, 0);
  EXPECT_NE(run_program({"run", "--trace", "/no/such/trace", "--repeat", "0"}).status, 0);
}

TEST(bad_input, an_empty_trace_is_named) {
  const workplace files;
  expect_complaint(run_program({"run", "--trace", files.write("empty.txt", "")}), {"empty.txt"});
}

TEST(bad_input, a_line_that_makes_no_sense_is_named_and_nothing_before_it_is_lost) {
  const workplace files;
  const std::string trace =
      files.write("trace.txt", lackey_trace(1000, 10) + " L nonsense,8\n" + lackey_trace(1000, 10));
  expect_complaint(run_program({"run", "--trace", trace, "--stats", files.path("out.json")}), {"trace.txt", "1001"});
  const nlohmann::json results = files.json("out.json");
  EXPECT_EQ(results.at("partial"), true);
  EXPECT_EQ(statistic(results, 0, "core.accesses"), 2000);
}

TEST(bad_input, compare_says_it_once_and_keeps_what_came_before) {
  const workplace files;
  const std::string trace = files.write("trace.txt", lackey_trace(1000, 10) + " L nonsense,8\n");
  const outcome done = run_program({"compare", "--quiet", "--trace", trace, "--stats", files.path("out.json")});
  expect_complaint(done, {"trace.txt", "1001"});
  EXPECT_EQ(done.err.find("nestwalk: ", 1), std::string::npos) << done.err;
  const nlohmann::json results = files.json("out.json");
  EXPECT_EQ(results.at("partial"), true);
  ASSERT_EQ(results.at("machines").size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(statistic(results, i, "core.accesses"), 1000);
}

TEST(bad_input, a_bad_access_is_told_by_its_line_and_number) {
  const workplace files;
  const std::string trace = files.write("trace", "==1== lackey\nI  04001000,3\n L 800000000000,8\n");
  expect_complaint(run_program({"run", "--trace", trace}), {"trace: line 3: access 2: process 1 is ended"});
}

TEST(bad_input, a_program_handed_in_as_a_trace_is_told_how_to_be_traced) {
  for (const char* const command : {"run", "compare"})
    expect_complaint(run_program({command, "--trace", "/bin/ls"}), {"/bin/ls: is an ELF program", "--trace-mem=yes"});
}

TEST(bad_input, an_empty_file_of_vectors_is_told_what_is_expected) {
  const workplace files;
  const outcome done = run_program({"conform", files.write("vectors", "")});
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.out.find("is empty; a file of conformance vectors"), std::string::npos) << done.out;
}

TEST(bad_input, a_corrupt_archive_is_named) {
  const workplace files;
  constexpr char content[] = "\x1f\x8b\x08\x00garbage that is no deflate stream";
  const std::string trace = files.write("trace.gz", std::string(content, sizeof content));
  expect_complaint(run_program({"run", "--trace", trace}), {"trace.gz"});
}

TEST(bad_input, an_unknown_workload_is_told_the_near_one) {
  expect_complaint(run_program({"run", "--workload", "gusp"}), {"gusp", "did you mean gups?"});
}

TEST(bad_input, an_unknown_mode_is_told_the_near_one) {
  expect_complaint(run_program({"run", "--mode", "nestde"}), {"nestde", "did you mean nested?"});
}

TEST(bad_input, an_unknown_configuration_is_told_the_near_one) {
  expect_complaint(run_program({"run", "zen3", "--workload", "gups"}), {"zen3", "did you mean zen2?"});
}

TEST(bad_input, an_unknown_configuration_is_told_what_ships) {
  expect_complaint(run_program({"run", "epyc_of_rome"}), {"epyc_of_rome", "these ship: skylake_sp, zen2"});
}

TEST(bad_input, a_folder_is_no_configuration) {
  const workplace files;
  expect_complaint(run_program({"run", files.path("")}), {files.path(""), "this is a folder"});
}

TEST(bad_input, a_configuration_that_cannot_be_read_to_its_end_is_named) {
  expect_complaint(run_program({"run", "/proc/self/mem"}), {"/proc/self/mem: cannot read this configuration"});
}

TEST(bad_input, a_misspelt_key_is_told_the_near_one) {
  expect_complaint(run_program({"run", "--set", "mmu.l2_tlb.entrys=4"}), {"did you mean mmu.l2_tlb.entries?"});
}

TEST(bad_input, a_key_that_the_machine_does_not_read_is_an_error) {
  expect_complaint(run_program({"run", "--mode", "native", "--workload", "gups", "--set", "vmm.backing=4k"}),
                   {"unused key vmm.backing"});
}

TEST(bad_input, ways_that_do_not_divide_the_entries_are_named_by_key) {
  expect_complaint(run_program({"run", "--workload", "gups", "--set", "mmu.l1d_tlb.ways=5"}), {"mmu.l1d_tlb.ways"});
}

TEST(bad_input, a_cache_of_a_size_that_makes_none_is_named_by_key) {
  expect_complaint(run_program({"run", "--workload", "gups", "--set", "caches.l2.size=1000000"}), {"caches.l2"});
}

// Of 22 MiB in 12 ways; and each of what is proposed is taken.
TEST(bad_input, a_cache_of_a_shape_that_makes_none_is_told_the_nearest_that_does) {
  expect_complaint(run_program({"run", "--workload", "gups", "--set", "caches.llc.ways=12"}),
                   {"caches.llc: 23068672 bytes are no power of two of sets, of 12 ways of 64 bytes each",
                    "the nearest size of 12 ways is 25165824 bytes, and 11 ways would fit this one"});
  for (const std::vector<std::string>& shape :
       {std::vector<std::string>{"caches.llc.ways=12", "caches.llc.size=25165824"}, {"caches.llc.ways=11"}}) {
    std::vector<std::string> words = {"run", "--workload", "gups", "--limit", "100"};
    for (const std::string& each : shape) words.insert(words.end(), {"--set", each});
    EXPECT_EQ(run_program(words).status, 0) << shape.front();
  }
}

TEST(bad_input, a_configuration_that_never_ends_is_refused) {
  expect_complaint(run_program({"run", "/dev/zero"}),
                   {"/dev/zero: cannot read this configuration: it holds more than 1MiB"});
}

TEST(bad_input, more_memory_than_the_store_can_hold_is_an_error) {
  expect_complaint(run_program({"run", "--workload", "gups", "--set", "dram.size=8192TiB"}),
                   {"dram.size", "out of range"});
  expect_complaint(run_program({"run", "--mode", "native", "--workload", "gups", "--set", "guest.memory=128GiB"}),
                   {"guest.memory"});
}

TEST(bad_input, a_non_canonical_address_is_the_guests_general_protection) {
  const workplace files;
  const std::string trace = files.write("trace.txt", lackey_trace(8, 1) + " L 800000000000,8\n" + lackey_trace(8, 1));
  expect_complaint(run_program({"run", "--trace", trace, "--stats", files.path("out.json")}),
                   {"0x800000000000", "#GP", "not canonical"});
  EXPECT_EQ(files.json("out.json").at("partial"), true);
  for (const char* const mode : {"native", "shadow", "nested"}) {
    ASSERT_EQ(run_program({"run", "--mode", mode, "--trace", trace, "--set", "guest.bad_access=skip", "--stats",
                           files.path("out.json")})
                  .status,
              0);
    const nlohmann::json results = files.json("out.json");
    EXPECT_EQ(statistic(results, 0, "core.accesses"), 17) << mode;
    EXPECT_EQ(statistic(results, 0, "core.general_protections"), 1) << mode;
  }
}

TEST(bad_input, an_unwritable_output_is_known_before_the_run) {
  for (const char* const option : {"--stats", "--walk-log"})
    for (const char* const command : {"run", "compare"}) {
      const outcome done = run_program(
          {command, "--workload", "gups", "--set", "workload.length=100000000000", option, "/no/such/folder/out.json"});
      expect_complaint(done, {"/no/such/folder/out", "cannot write"});
    }
}

TEST(bad_input, a_warmup_longer_than_the_workload_is_an_error) {
  expect_complaint(run_program({"run", "--workload", "gups", "--set", "workload.length=1000", "--warmup", "5000"}),
                   {"--warmup 5000", "1000 accesses"});
}

TEST(bad_input, a_warmup_that_leaves_nothing_to_count_is_an_error) {
  expect_complaint(run_program({"run", "--workload", "gups", "--set", "workload.length=1000", "--warmup", "1000"}),
                   {"--warmup 1000", "1000 accesses"});
  expect_complaint(run_program({"run", "--workload", "gups", "--warmup", "200", "--limit", "100"}),
                   {"--warmup 200", "--limit ends the run after 100"});
}

TEST(bad_input, a_warmup_that_leaves_nothing_to_count_prints_no_table) {
  const workplace files;
  const std::string trace = files.write("trace", lackey_trace(1000, 10));
  for (const char* const command : {"run", "compare"}) {
    for (const std::vector<std::string>& end : {std::vector<std::string>{"--limit", "500"}, {}}) {
      std::vector<std::string> words = {
          command, "--trace", trace, "--warmup", "1000", "--stats", files.path("out.json")};
      words.insert(words.end(), end.begin(), end.end());
      const outcome done = run_program(words);
      expect_complaint(done, {"--warmup 1000"});
      EXPECT_EQ(done.out, "");
      EXPECT_EQ(std::filesystem::exists(files.path("out.json")), end.empty());
    }
    EXPECT_EQ(files.json("out.json").at("machines")[0].at("warming_up"), true);
    std::filesystem::remove(files.path("out.json"));
  }
}

TEST(bad_input, memory_that_the_host_does_not_give_is_said) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer takes more address space than any limit leaves";
#endif
  rlimit before = {};
  getrlimit(RLIMIT_AS, &before);
  for (const rlim_t megabytes : {60u, 400u})
    for (const char* const command : {"run", "compare"}) {
      const rlimit now = {megabytes << 20, before.rlim_max};
      setrlimit(RLIMIT_AS, &now);
      program_run run({command, "--workload", "gups", "--set", "workload.footprint=1G"});
      setrlimit(RLIMIT_AS, &before);
      expect_complaint(run.finish(), {"out of memory: the operating system gives no more"});
    }
}

TEST(bad_input, a_command_that_does_not_exist_is_told_the_near_one) {
  EXPECT_EQ(run_program({"rnu"}).err, "nestwalk: there is no command rnu; did you mean run? (--help lists them)\n");
  EXPECT_EQ(run_program({"simulate"}).err, "nestwalk: there is no command simulate (--help lists them)\n");
}

TEST(bad_input, a_mistake_on_the_command_line_has_a_status_of_its_own) {
  EXPECT_EQ(run_program({"rnu"}).status, 2);
  EXPECT_EQ(run_program({"run", "--trace", "a", "--workload", "gups"}).status, 2);
  EXPECT_EQ(run_program({"run", "--limit", "many"}).status, 2);
  EXPECT_EQ(run_program({}).status, 2);
}

TEST(bad_input, a_number_of_accesses_that_is_none_is_a_mistake_on_the_command_line) {
  for (const char* const command : {"run", "compare"})
    for (const char* const option : {"--limit", "--warmup"})
      for (const char* const number : {"-1", "99999999999999999999999"})
        EXPECT_EQ(run_program({command, "--workload", "gups", option, number}).status, 2) << option << " " << number;
}

TEST(bad_input, a_limit_of_no_access_is_a_mistake_on_the_command_line) {
  EXPECT_EQ(run_program({"run", "--workload", "gups", "--limit", "0"}).status, 2);
}

TEST(bad_input, an_empty_name_is_a_mistake_on_the_command_line) {
  for (const char* const option : {"--trace", "--workload", "--stats", "--walk-log"})
    EXPECT_EQ(run_program({"run", "--limit", "100", option, ""}).status, 2) << option;
}

TEST(bad_input, an_output_called_by_a_dash_is_told_of_standard_output) {
  for (const char* const option : {"--stats", "--walk-log"}) {
    const outcome done = run_program({"run", "--workload", "gups", option, "-"});
    EXPECT_EQ(done.status, 2);
    EXPECT_NE(done.err.find("/dev/stdout"), std::string::npos) << done.err;
  }
}

TEST(bad_input, one_file_for_two_outputs_is_an_error) {
  const workplace files;
  expect_complaint(
      run_program({"run", "--workload", "gups", "--stats", files.path("out"), "--walk-log", files.path("./out")}),
      {files.path("out"), "--stats and --walk-log"});
  expect_complaint(run_program({"compare", "--workload", "gups", "--stats", files.path("out.shadow.json"), "--walk-log",
                                files.path("out.json")}),
                   {"out.shadow.json", "--stats and --walk-log"});
}

TEST(bad_input, leaves_no_empty_file_where_nothing_ran) {
  const workplace files;
  for (const char* const command : {"run", "compare"}) {
    EXPECT_EQ(run_program({command, "--trace", "/no/such/trace", "--stats", files.path("out.json"), "--walk-log",
                           files.path("walks.jsonl")})
                  .status,
              1);
    EXPECT_TRUE(std::filesystem::is_empty(files.path(""))) << command;
  }
}

TEST(bad_input, standard_output_that_takes_nothing_is_said) {
  const std::vector<std::string> small = {"--workload", "gups", "--set", "workload.length=200"};
  for (std::vector<std::string> words : std::vector<std::vector<std::string>>{
           {"run", "--describe"}, {"explain", "0x1000"}, {"run", "--help"}, {"run"}, {"compare"}}) {
    if (words.size() == 1) words.insert(words.end(), small.begin(), small.end());
    expect_complaint(program_run(words, "", "/dev/full").finish(), {"standard output: cannot be written"});
  }
}

}  // namespace
