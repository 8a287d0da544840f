// A build without Verilator: what needs the RTL walker says what to install.
#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

class without_rtl : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(without_rtl, says_which_package_to_install) {
  const outcome done = run_program(GetParam());
  EXPECT_EQ(done.status, 1);
  EXPECT_EQ(done.out, "");
  EXPECT_NE(done.err.find("install the Debian package verilator"), std::string::npos) << done.err;
}

INSTANTIATE_TEST_SUITE_P(command, without_rtl,
                         testing::Values(std::vector<std::string>{"cosim"}, std::vector<std::string>{"cost"},
                                         std::vector<std::string>{"conform", "--walker", "rtl", "file"},
                                         std::vector<std::string>{"run", "--set", "mmu.walker=rtl"},
                                         std::vector<std::string>{"compare", "--set", "mmu.walker=rtl"}));

}  // namespace
