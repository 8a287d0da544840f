// A run where the host's memory ends.
#include "platforms/run/host_memory.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "platforms/run/job.h"

namespace {

using namespace nestwalk::platforms;

/// A file as /proc/meminfo, of a host with so many KiB left.
class meminfo {
 public:
  explicit meminfo(std::uint64_t kib) {
    std::ofstream(path_) << "MemTotal:       24683652 kB\nMemFree:              12 kB\nMemAvailable:   " << kib
                         << " kB\n";
  }
  ~meminfo() { std::filesystem::remove(path_); }
  meminfo(const meminfo&) = delete;
  meminfo& operator=(const meminfo&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "nestwalk-meminfo-" + std::to_string(getpid());
};

job_result gups_of_256_mib(const std::string& left) {
  job j;
  j.mode = machine_mode::native;
  j.workload.generator = "gups";
  j.config.workload.gups.footprint = 256 << 20;
  j.config.workload.gups.length = 100000;
  j.meminfo = left;
  return run_job(j, [](std::uint64_t, double) {});
}

TEST(host_memory, what_is_left_is_the_available_memory) {
  EXPECT_EQ(host_memory(meminfo(123456).path()).available_kib(), 123456u);
}

TEST(host_memory, a_host_that_does_not_say_has_enough) {
  EXPECT_GT(host_memory("/no/such/file").available_kib(), std::uint64_t{1} << 60);
}

TEST(host_memory, a_run_ends_with_its_statistics_where_little_is_left) {
  const meminfo little(host_memory::margin_kib - 1);
  const job_result result = gups_of_256_mib(little.path());
  EXPECT_NE(result.error.find("out of memory"), std::string::npos) << result.error;
  EXPECT_TRUE(result.partial);
  EXPECT_GT(result.machine.at("statistics").size(), 0u);
}

TEST(host_memory, a_run_goes_on_where_enough_is_left) {
  const meminfo enough(host_memory::margin_kib);
  EXPECT_EQ(gups_of_256_mib(enough.path()).error, "");
}

}  // namespace
