// mmu.use_dmi is a matter of speed alone: no statistic hangs on it, wherever tables are read.
#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

class dmi_of_the_walkers : public testing::TestWithParam<const char*> {};

TEST_P(dmi_of_the_walkers, changes_no_statistic) {
  const workplace files;
  const auto machines = [&](const char* used) {
    const outcome done =
        run_program({"compare", "--workload", "fork", "--set", "workload.footprint=2MiB", "--limit", "40000", "--quiet",
                     "--set", GetParam(), "--set", used, "--stats", files.path("out.json")});
    EXPECT_EQ(done.status, 0) << done.err;
    return files.json("out.json").at("machines");
  };
  const nlohmann::json with = machines("mmu.use_dmi=true");
  const nlohmann::json without = machines("mmu.use_dmi=false");
  ASSERT_EQ(with.size(), 3u);
  EXPECT_EQ(with, without) << nlohmann::json::diff(with, without).dump(1).substr(0, 2000);
}

INSTANTIATE_TEST_SUITE_P(each_way_of_reading_tables, dmi_of_the_walkers,
                         testing::Values("caches.table_reads=l1d", "caches.table_reads=l2", "caches.table_reads=llc",
                                         "caches.table_reads=dram", "caches.llc.size=0"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name)
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           return name;
                         });

}  // namespace
