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
  expect_refused("[1, 2]", "a line must be an object");
  expect_refused(with(R"("id":"a",)", ""), "key \"id\" is missing");
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

TEST_F(vector_files, with_an_access_that_crosses_a_page_are_refused) {
  expect_refused(with(R"("gva":"0x8")", R"("gva":"0xffc")"), "8 bytes at 0xffc cross a page");
  expect_refused(with(R"("gva":"0x8","type":"read")", R"("gva":"0xfff9","type":"fetch")"), "cross a page");
  for (const char* const size : {"1", "2", "4"}) {
    const std::string last = with(R"("gva":"0x8")", R"("gva":"0xffc")");
    EXPECT_EQ(conform(std::string(last).replace(last.find(R"("size":8)"), 8, R"("size":)" + std::string(size))), 1);
    EXPECT_NE(printed.find("0 passed, 1 failed"), std::string::npos) << "performed, to another address: " << printed;
  }
}

TEST_F(vector_files, with_data_that_are_not_aligned_are_refused) {
  expect_refused(with(R"("gva":"0x8")", R"("gva":"0xc")"), "8 bytes at 0xc are not aligned");
  expect_refused(with(R"("size":8)", R"("size":3)"), "3 bytes at 0x8 are not aligned");
}

TEST_F(vector_files, with_an_unknown_key_are_refused_wherever_it_stands) {
  expect_refused(with(R"("id":"a")", R"("id":"a","pkrs":"0x0")"), "key \"pkrs\" is unknown; a line has id, family");
  expect_refused(with(R"("pkru":"0x0")", R"("pkru":"0x0","pkrs":"0x0")"), "key \"pkrs\" is unknown; \"stage1\" has");
  expect_refused(with(R"("cpl":0)", R"("cpl":0,"implicit":1)"), "key \"implicit\" is unknown; \"access\" has");
  expect_refused(with(R"("hpa":"0x5008")", R"("hpa":"0x5008","cr2":"0x8")"), "key \"cr2\" is unknown; \"expect\" has");
  const std::string ept = R"("stage2":{"format":"ept4","eptp":"0x101e","mbec":0,"exec_only":1,"adv_info":0,"pml":0},)";
  expect_refused(with(R"("memory":)", ept + R"("memory":)"), "key \"pml\" is unknown; \"stage2\" has");
}

TEST_F(vector_files, with_a_key_that_is_there_twice_are_refused) {
  expect_refused(with(R"("cpl":0)", R"("cpl":3,"cpl":0)"), "key \"cpl\" is there twice");
  expect_refused(with(R"("0x1000":"0x2023")", R"("0x1000":"0x2027","0x1000":"0x2023")"), "\"0x1000\" is there twice");
  expect_refused(with(R"("0x1000":"0x2023")", R"("0x01000":"0x2027","0x1000":"0x2023")"), "twice, in two spellings");
}

TEST_F(vector_files, whose_family_is_none_or_another_are_refused) {
  expect_refused(with(R"("id":"a")", R"("id":"a","family":null)"), "\"family\" must be a string");
  expect_refused(with(R"("id":"a")", R"("id":"a","family":1)"), "\"family\" must be a string");
  expect_refused(with(R"("id":"a")", R"("id":"a","family":"arm")"), "\"arm\" is none of native, npt, ept");
  expect_refused(with(R"("id":"a")", R"("id":"a","family":"ept")"),
                 "\"family\": ept, but no \"stage2\" makes it native");
  EXPECT_EQ(conform(with(R"("id":"a")", R"("id":"a","family":"native")")), 0) << printed;
}

TEST_F(vector_files, with_a_result_of_another_family_are_refused) {
  const std::string ok = R"({"result":"ok","hpa":"0x5008"})";
  expect_refused(with(ok, R"({"result":"nested_page_fault","exitinfo1":"0x0","exitinfo2":"0x0"})"),
                 "nested_page_fault comes of no vector of family native");
  expect_refused(with(ok, R"({"result":"ept_misconfiguration","gpa":"0x0"})"), "of family native");
  expect_refused(with(ok, R"({"result":"ok"})"), "key \"hpa\" is missing");
  expect_refused(with(ok, ok + R"(,"expect_alt":null)"), "\"expect_alt\" must be an object");
  expect_refused(with(ok, ok + R"(,"observed":{"result":"fine"})"), "\"fine\" is none of");
}

TEST_F(vector_files, with_numbers_of_another_form_are_refused) {
  for (const char* const number : {"8", "-0x8", " 0x8", "0x8 ", "+8", "0x", "0X8", "0x10000000000000008", "0x8h", ""})
    expect_refused(with(R"("gva":"0x8")", R"("gva":")" + std::string(number) + "\""), "is no hexadecimal number");
  expect_refused(with(R"("gva":"0x8")", R"("gva":null)"), "\"gva\" must be a string");
  expect_refused(with(R"("pkru":"0x0")", R"("pkru":"0x100000000")"), "\"pkru\": 0x100000000 has more than 32 bits");
  expect_refused(with(R"("hpa":"0x5008")", R"("hpa":"0x10000000000")"), "\"hpa\": 0x10000000000 has more than 40 bits");
  expect_refused(with(R"("0x2000":"0x3023")", R"("0x2000":12323)"), "\"memory\" must be a string");
}

TEST_F(vector_files, with_values_of_another_type_are_refused) {
  expect_refused(with(R"("id":"a")", R"("id":null)"), "\"id\" must be a string");
  expect_refused(with(R"("case":"test")", R"("case":7)"), "\"case\" must be a string");
  expect_refused(with(R"("phys_bits":40)", R"("phys_bits":"40")"), "\"phys_bits\" must be a whole number");
  expect_refused(with(R"("rflags_ac":0)", R"("rflags_ac":false)"), "\"rflags_ac\" must be a whole number");
  expect_refused(with(R"("cpl":0)", R"("cpl":0.0)"), "\"cpl\" must be a whole number");
  expect_refused(with(R"("cpl":0)", R"("cpl":1)"), "\"cpl\" must be 0 or 3, not 1");
  expect_refused(with(R"("memory_after":{})", R"("memory_after":[])"), "\"memory_after\" must be an object");
  expect_refused(with(R"("memory_after":{})", R"("memory_after":{},"ad_unspecified":{})"), "must be an array");
  expect_refused(with(R"("memory_after":{})", R"("memory_after":{},"ad_unspecified":["0x1001"])"), "is no qword");
  expect_refused(with(R"("memory_after":{})", R"("memory_after":{},"deviation":1)"), "\"deviation\" must be a string");
  expect_refused(with(R"("memory_after":{})", R"("memory_after":{},"stage2":null)"), "\"stage2\" must be an object");
}

TEST_F(vector_files, of_no_long_mode_are_refused) {
  expect_refused(with("0x80000033", "0x33"), "CR0.PG");
  expect_refused(with(R"("cr4":"0x20")", R"("cr4":"0x0")"), "CR4.PAE");
  expect_refused(with("0x501", "0x401"), "EFER.LME");
  expect_refused(with(R"("root":"0x1000")", R"("root":"0x1008")"), "\"root\": 0x1008 is no address of a table");
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
