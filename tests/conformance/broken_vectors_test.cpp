// A vector file that makes no sense ends the run with its name, its line and what is wrong.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platforms/conform/conform.h"
#include "platforms/conform/untimed_executor.h"

namespace nestwalk::test {
namespace {

// A supervisor's read through four levels to 0x5000.
const std::string good =
    R"({"id":"a","case":"test","phys_bits":40,)"
    R"("stage1":{"format":"x86-long4","root":"0x1000","cr0":"0x80000033","cr4":"0x20","efer":"0x501","pkru":"0x0","rflags_ac":0},)"
    R"("memory":{"0x1000":"0x2023","0x2000":"0x3023","0x3000":"0x4023","0x4000":"0x5023"},)"
    R"("access":{"gva":"0x8","type":"read","cpl":0,"size":8},)"
    R"("expect":{"result":"ok","hpa":"0x5008"},"memory_after":{}})";

std::string with(const std::string& part, const std::string& instead) {
  std::string line = good;
  const std::size_t at = line.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return line.replace(at, part.size(), instead);
}

// Cannot perform what a supervisor does.
class user_executor : public platforms::untimed_executor {
 public:
  const char* name() const override { return "user"; }
  std::string why_not(const platforms::conformance_vector& v) const override {
    return v.cpl == 0 ? "it has no supervisor" : "";
  }
};

class vector_files : public testing::Test {
 protected:
  vector_files() {
    std::string folder = (std::filesystem::temp_directory_path() / "nestwalk.XXXXXX").string();
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  ~vector_files() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return (folder_ / "vectors.jsonl").string(); }
  int conform(const std::string& content) {
    std::ofstream(path(), std::ios::binary) << content;
    return conform_files({path()});
  }
  int conform_files(const std::vector<platforms::vector_source>& files) {
    std::vector<std::unique_ptr<platforms::vector_executor>> performs;
    if (without_supervisors)
      performs.push_back(std::make_unique<user_executor>());
    else
      performs.push_back(std::make_unique<platforms::untimed_executor>());
    std::ostringstream out;
    const int status = platforms::conform(files, performs, out);
    printed = out.str();
    return status;
  }
  void expect_refused(const std::string& line, const std::string& what) {
    EXPECT_EQ(conform(good + "\n" + line + "\n"), 1) << line;
    EXPECT_NE(printed.find("1 passed, 0 failed\n"), std::string::npos) << printed;
    EXPECT_NE(printed.find(path() + ":2: "), std::string::npos) << printed;
    EXPECT_NE(printed.find(what), std::string::npos) << printed;
  }

  std::string printed;
  bool without_supervisors = false;

 private:
  std::filesystem::path folder_;
};

TEST_F(vector_files, that_are_good_pass) {
  EXPECT_EQ(conform(good + "\n\n" + good), 0);
  EXPECT_EQ(printed, path() + ": 2 passed, 0 failed\n");
}

TEST_F(vector_files, with_a_vector_that_comes_out_otherwise_fail) {
  EXPECT_EQ(conform(with("0x5008", "0x5010") + "\n"), 1);
  EXPECT_NE(printed.find("0 passed, 1 failed"), std::string::npos) << printed;
  EXPECT_NE(printed.find("a (test), read of 0x8 at CPL 0: untimed"), std::string::npos) << printed;
}

TEST_F(vector_files, whose_memory_comes_out_otherwise_fail) {
  EXPECT_EQ(conform(with(R"("memory_after":{})", R"("memory_after":{"0x4000":"0x5063"})") + "\n"), 1);
  EXPECT_NE(printed.find("0 passed, 1 failed"), std::string::npos) << printed;
}

TEST_F(vector_files, with_a_broken_line_name_file_and_line) {
  expect_refused("{\"id\":", "tests/conformance/README.md");
  expect_refused("[1, 2]", "key \"id\" is missing");
  expect_refused(with(R"("cpl":0,)", ""), "key \"cpl\" is missing");
  expect_refused(with(R"("gva":"0x8")", R"("gva":8)"), "\"gva\" must be a string");
  expect_refused(with(R"("gva":"0x8")", R"("gva":"eight")"), "\"eight\" is no hexadecimal number");
  expect_refused(with(R"("result":"ok")", R"("result":"fine")"), "\"fine\" is none of");
  expect_refused(with(R"("type":"read")", R"("type":"peek")"), "\"peek\" is none of");
}

TEST_F(vector_files, whose_format_and_registers_say_different_levels_are_refused) {
  expect_refused(with(R"("cr4":"0x20")", R"("cr4":"0x1020")"), "LA57");
  const std::string ept = R"("stage2":{"format":"ept4","eptp":"0x1026","mbec":0,"exec_only":1,"adv_info":0},)";
  expect_refused(with(R"("memory":)", ept + R"("memory":)"), "bits 5:3 of \"eptp\" say 5 levels");
}

TEST_F(vector_files, that_ask_for_what_no_processor_has_name_file_and_line) {
  expect_refused(with(R"("phys_bits":40)", R"("phys_bits":64)"), "\"phys_bits\"");
  expect_refused(with(R"("cpl":0)", R"("cpl":4294967299)"), "\"cpl\"");
  expect_refused(with(R"("size":8)", R"("size":4096)"), "\"size\"");
  expect_refused(with(R"("size":8)", R"("size":0)"), "\"size\"");
  expect_refused(with("x86-long4", "x86-long9"), "\"x86-long9\" is none of");
  expect_refused(with("0x501", "0x0"), "\"stage1\"");
  expect_refused(with(R"("cr4":"0x20")", R"("cr4":"0x800020")"), "\"stage1\"");
  expect_refused(with(R"("root":"0x1000")", R"("root":"0x2000000000001000")"), "\"stage1\"");
  expect_refused(with("0x2000", "0x10000000000"), "\"0x10000000000\" is no qword of 40-bit memory");
  expect_refused(with("0x2000", "0x2004"), "\"0x2004\" is no qword");
  const std::string ept = R"("stage2":{"format":"ept4","eptp":"0x103f","mbec":0,"exec_only":1,"adv_info":0},)";
  expect_refused(with(R"("memory":)", ept + R"("memory":)"), "\"eptp\"");
  const std::string npt =
      R"("stage2":{"format":"npt-long4","root":"0x1000","cr0":"0x33","cr4":"0x20","efer":"0x501"},)";
  expect_refused(with(R"("memory":)", npt + R"("memory":)"), "\"stage2\"");
}

TEST_F(vector_files, that_are_empty_or_not_there_fail) {
  EXPECT_EQ(conform(""), 1);
  EXPECT_EQ(conform("\n\n"), 1);
  EXPECT_NE(printed.find("no vector in this file"), std::string::npos) << printed;
  EXPECT_EQ(conform_files({"/nowhere/vectors.jsonl"}), 1);
  EXPECT_NE(printed.find("/nowhere/vectors.jsonl"), std::string::npos) << printed;
}

TEST_F(vector_files, with_vectors_that_cannot_be_performed_count_them_apart) {
  without_supervisors = true;
  std::string by_user = good;
  for (const char* const entry : {"0x2023", "0x3023", "0x4023", "0x5023"})
    by_user.replace(by_user.find(entry), 6, std::string(entry, 4) + "27");
  by_user.replace(by_user.find(R"("cpl":0)"), 7, R"("cpl":3)");
  EXPECT_EQ(conform(good + "\n" + by_user + "\n" + good + "\n"), 0);
  EXPECT_EQ(printed, path() + ": 1 passed, 0 failed\n  2 left out: not for user: it has no supervisor\n");
}

TEST_F(vector_files, none_of_which_can_be_performed_fail) {
  without_supervisors = true;
  EXPECT_EQ(conform(good), 1);
  EXPECT_EQ(printed, path() + ": 0 passed, 0 failed\n  1 left out: not for user: it has no supervisor\n");
}

TEST_F(vector_files, after_a_broken_one_are_still_performed) {
  conform(good);
  EXPECT_EQ(conform_files({"/nowhere/vectors.jsonl", path()}), 1);
  EXPECT_NE(printed.find(path() + ": 1 passed, 0 failed\n"), std::string::npos) << printed;
}

}  // namespace
}  // namespace nestwalk::test
