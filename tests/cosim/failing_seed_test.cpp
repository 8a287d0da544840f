// What cosim says and keeps when seeds fail or are left: with planted results in place of the RTL.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "tb/bench.h"
#include "tb/cosim.h"

namespace nestwalk::tb {
namespace {

namespace fs = std::filesystem;

class planted_seeds : public ::testing::Test {
 protected:
  planted_seeds() {
    std::string name = (fs::temp_directory_path() / "nestwalk_cosim.XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    fs::current_path(folder);
    options.seeds = 10;
    options.run = [this](const seed_options& one) { return planted(one); };
  }
  ~planted_seeds() override {
    fs::current_path("/");
    fs::remove_all(folder);
  }

  // Seeds that 3 divides fail at their 42nd walk.
  seed_result planted(const seed_options& one) {
    seed_result r;
    r.seed = one.seed;
    r.model = one.model;
    r.walks = one.walks;
    if (one.seed % 3 != 0) return r;
    r.failure = "result: expected a < b, got \"c\"";
    r.failed_walk = 42;
    r.trail = {"read 0x1000"};
    if (!one.waves.empty()) std::ofstream(one.waves) << one.seed;
    return r;
  }
  int run() {
    std::ostringstream out;
    const int status = cosim(options, out);
    said = out.str();
    return status;
  }
  std::string content(const std::string& file) const {
    std::ostringstream text;
    text << std::ifstream(folder / file).rdbuf();
    return text.str();
  }
  bool says(const std::string& words) const { return said.find(words) != std::string::npos; }

  fs::path folder;
  cosim_options options;
  std::string said;
};

TEST_F(planted_seeds, that_fail_are_named_with_walk_difference_waveform_and_command) {
  options.walks = 77;
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(says("): walk 42: result: expected a < b, got \"c\"\n    read 0x1000\n  waveforms: seed-3.fst\n"))
      << said;
  EXPECT_TRUE(says("  again: ./nestwalk cosim --seed 3 --walks 77 --model ")) << said;
  EXPECT_TRUE(says("10 seeds: 7 passed, 3 failed\n")) << said;
  for (const char* const seed : {"3", "6", "9"}) EXPECT_EQ(content("seed-" + std::string(seed) + ".fst"), seed);
}

TEST_F(planted_seeds, that_fail_keep_their_waveforms_apart) {
  options.waves = "walks.fst";
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(content("walks.fst"), "3");
  EXPECT_EQ(content("walks.seed-6.fst"), "6");
}

TEST_F(planted_seeds, beyond_the_first_five_failing_ones_are_not_run_again) {
  options.seeds = 30;
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(fs::exists("seed-15.fst"));
  EXPECT_FALSE(fs::exists("seed-18.fst"));
  EXPECT_TRUE(says("cosim --seed 30 --walks")) << said;
}

TEST_F(planted_seeds, alone_record_their_waveform_at_once) {
  options.seeds.reset();
  options.seed = 3;
  options.waves = "only.fst";
  unsigned runs = 0;
  options.run = [&](const seed_options& one) {
    ++runs;
    EXPECT_EQ(one.waves, "only.fst");
    return planted(one);
  };
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(runs, 1u);
  EXPECT_TRUE(says("1 seed: 0 passed, 1 failed\n")) << said;
}

TEST_F(planted_seeds, whose_waveform_cannot_be_written_say_so) {
  fs::current_path("/proc");
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(says("waveforms: none, as seed-3.fst cannot be written; name another file by --waves")) << said;
}

TEST_F(planted_seeds, whose_waveform_would_replace_the_report_have_none) {
  options.junit = "seed-3.fst";
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(says("waveforms: none, as seed-3.fst cannot be written")) << said;
  EXPECT_TRUE(says("waveforms: seed-6.fst")) << said;
  EXPECT_NE(content("seed-3.fst").find("<testsuite"), std::string::npos);
}

TEST_F(planted_seeds, whose_waveform_was_not_written_whole_say_so) {
  options.run = [&](const seed_options& one) {
    seed_result r = planted(one);
    if (!one.waves.empty()) r.waves_problem = "the disk is full";
    return r;
  };
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(says("  waveforms: none: the disk is full\n")) << said;
}

TEST_F(planted_seeds, are_test_cases_of_junit_in_their_order) {
  options.junit = "cosim.xml";
  EXPECT_EQ(run(), 1);
  const std::string xml = content("cosim.xml");
  EXPECT_NE(xml.find("tests=\"10\" failures=\"3\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("name=\"seed 3\"><failure message=\"walk 42: result: expected a &lt; b, got &quot;c&quot;\"/>"),
            std::string::npos)
      << xml;
  EXPECT_LT(xml.find("seed 9\""), xml.find("seed 10\""));
}

TEST_F(planted_seeds, that_are_left_leave_the_results_of_the_others) {
  std::atomic<bool> stop{false};
  std::atomic<unsigned> done{0};
  options.seeds = 100;
  options.stop = &stop;
  options.junit = "cosim.xml";
  options.run = [&](const seed_options& one) {
    seed_result r = planted(one);
    if (one.seed < 4) {
      ++done;
    } else {
      while (done < 3) std::this_thread::yield();
      stop = true;
      r.stopped = true;
      r.failure.clear();
    }
    return r;
  };
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(says("3 seeds of 100, ended before the others: 2 passed, 1 failed\n")) << said;
  EXPECT_NE(content("cosim.xml").find("tests=\"3\""), std::string::npos);
}

TEST_F(planted_seeds, are_not_run_where_a_file_cannot_be_written) {
  bool ran = false;
  options.run = [&](const seed_options& one) {
    ran = true;
    return planted(one);
  };
  options.junit = "/no/such/folder/cosim.xml";
  EXPECT_THROW(run(), input_error);
  options.junit.clear();
  options.waves = "/no/such/folder/walks.fst";
  EXPECT_THROW(run(), input_error);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace nestwalk::tb
