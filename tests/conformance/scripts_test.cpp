// All scripts for a remapping unit, performed on units with and without caches.
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "platforms/conform/conform.h"

namespace nestwalk::test {
namespace {

TEST(conformance_scripts, every_script_passes_on_units_with_and_without_caches) {
  const std::string path = NESTWALK_SCRIPTS "/vtd.jsonl.zst";
  const auto bench = platforms::bench_for({path});
  std::ostringstream out;
  const int status = platforms::conform({path}, {}, out, bench.get());
  EXPECT_EQ(out.str(), path + ": 1031 passed, 0 failed\n");
  EXPECT_EQ(status, 0);
}

TEST(conformance_scripts, are_left_out_where_no_unit_is_under_test) {
  const std::string path = NESTWALK_SCRIPTS "/vtd.jsonl.zst";
  std::ostringstream out;
  EXPECT_EQ(platforms::conform({path}, {}, out), 1);
  EXPECT_EQ(out.str(), path +
                           ": 0 passed, 0 failed\n"
                           "  1031 left out: scripts of a remapping unit, which is not under test\n");
}

constexpr const char* head =
    R"({"id":"x","title":"t","flags":{"cap":"0x00d2008c222f0606","ecap":"0x0000000000000f42"},"steps":[)";

std::string perform(const std::string& steps) {
  const auto script = platforms::parse_script(head + steps + "]}");
  platforms::script_bench bench({{script.unit, {0x10}}});
  return bench.perform(script);
}

TEST(conformance_scripts, a_wrong_register_is_told) {
  EXPECT_EQ(perform(R"({"op":"reg_read32","offset":"0x0","mask":"0xff","expect":"0x11"})"),
            "cached, step 1: register 0x0 is 0x10, not 0x11 under mask 0xff");
}

TEST(conformance_scripts, a_request_that_goes_elsewhere_is_told) {
  EXPECT_EQ(
      perform(
          R"({"op":"dma_read","source_id":"0x10","iova":"0x1000","length":2,"expect":"ok","hpa":"0x2000","data":"0000"})"),
      "cached, step 1: the request of 0010 at 0x1000 is at 0x1000 with data 0000, not at 0x2000 with data 0000");
}

TEST(conformance_scripts, the_specification_stands_above_the_reference) {
  EXPECT_EQ(perform(R"({"op":"reg_read32","offset":"0x0","mask":"0xff","expect":"0x11","spec_expect":"0x10"})"), "");
}

TEST(conformance_scripts, a_step_that_makes_no_sense_is_refused) {
  for (const char* const step :
       {R"({"op":"jump"})", R"({"op":"reg_read32","expect":"0x0"})",
        R"({"op":"reg_read32","offset":"zero","expect":"0x0"})",
        R"({"op":"dma_read","source_id":"0x10","iova":"0x0","length":5000,"expect":"blocked"})",
        R"({"op":"dma_write","source_id":"0x10","iova":"0x0","length":1,"data":"0","expect":"blocked"})"})
    EXPECT_THROW(platforms::parse_script(std::string(head) + step + "]}"), input_error) << step;
}

}  // namespace
}  // namespace nestwalk::test
