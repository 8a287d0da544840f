// Generators by name, and their settings.
#include "workload/make_generator.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

TEST(make_generator, makes_each_of_the_list_and_gives_it_its_name) {
  EXPECT_EQ(generators().size(), 6u);
  for (const generator_description& each : generators()) {
    EXPECT_STREQ(make_generator(each.name)->format(), each.name);
    EXPECT_NE(std::string(each.about), "");
  }
}

TEST(make_generator, suggests_the_near_name) {
  const std::string message = message_of([] { make_generator("gusp"); });
  EXPECT_TRUE(has(message, "workload gusp: there is none of this name; did you mean gups?")) << message;
  EXPECT_TRUE(has(message, "There are: gups, stream, chase, zipf, switch, fork")) << message;
}

TEST(make_generator, suggests_nothing_where_nothing_is_near) {
  const std::string message = message_of([] { make_generator("linpack"); });
  EXPECT_FALSE(has(message, "did you mean")) << message;
  EXPECT_TRUE(has(message, "There are: gups, ")) << message;
}

TEST(make_generator, refuses_a_setting_that_the_generator_does_not_have) {
  generator_settings settings;
  settings.exponent = 1.5;
  const std::string message = message_of([&] { make_generator("gups", settings); });
  EXPECT_EQ(message, "workload gups: has no setting exponent; it has: footprint length seed");
}

TEST(make_generator, lists_exactly_the_settings_that_a_generator_takes) {
  const auto takes = [](const char* name, const std::string& setting) {
    generator_settings s;
    if (setting == "footprint") s.footprint = 1 << 20;
    if (setting == "length") s.length = 10;
    if (setting == "seed") s.seed = 3;
    if (setting == "exponent") s.exponent = 1.1;
    if (setting == "unit") s.unit = 64;
    if (setting == "stores") s.stores = 0.5;
    if (setting == "processes") s.processes = 2;
    if (setting == "interval") s.interval = 50;
    if (setting == "touched") s.touched = 0.5;
    if (setting == "written") s.written = 0.5;
    if (setting == "loads_a_page") s.loads_a_page = 2;
    return message_of([&] { make_generator(name, s); }).empty();
  };
  for (const generator_description& each : generators())
    for (const char* setting : {"footprint", "length", "seed", "exponent", "unit", "stores", "processes", "interval",
                                "touched", "written", "loads_a_page"})
      EXPECT_EQ(takes(each.name, setting),
                has(" " + std::string(each.settings) + " ", " " + std::string(setting) + " "))
          << each.name << " " << setting;
}

struct bad_setting {
  const char* name;
  void (*set)(generator_settings&);
  const char* says;
};

class make_generator_refuses : public testing::TestWithParam<bad_setting> {};

TEST_P(make_generator_refuses, a_value_out_of_range) {
  generator_settings settings;
  GetParam().set(settings);
  const std::string message = message_of([&] { make_generator(GetParam().name, settings); });
  EXPECT_EQ(message, std::string("workload ") + GetParam().name + ": " + GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(settings, make_generator_refuses,
                         testing::Values(bad_setting{"zipf", [](generator_settings& s) { s.exponent = 0; },
                                                     "exponent is 0.000000; above 0, at most 8 is expected"},
                                         bad_setting{"zipf", [](generator_settings& s) { s.unit = 32; },
                                                     "unit is 32; 64 to 4096 is expected"},
                                         bad_setting{"zipf", [](generator_settings& s) { s.unit = 100; },
                                                     "unit is 100; a power of two is expected"},
                                         bad_setting{"zipf", [](generator_settings& s) { s.stores = 1.5; },
                                                     "stores is 1.500000; a share of 0 to 1 is expected"},
                                         bad_setting{"switch", [](generator_settings& s) { s.processes = 0; },
                                                     "processes is 0; 2 to 1024 is expected"},
                                         bad_setting{"switch", [](generator_settings& s) { s.stores = -1; },
                                                     "stores is -1.000000; a share of 0 to 1 is expected"},
                                         bad_setting{"switch", [](generator_settings& s) { s.interval = 0; },
                                                     "interval is 0; 2 to 18446744073709551615 is expected"},
                                         bad_setting{"fork", [](generator_settings& s) { s.touched = 0; },
                                                     "touched is 0.000000; a share above 0, at most 1 is expected"},
                                         bad_setting{"fork", [](generator_settings& s) { s.written = 2; },
                                                     "written is 2.000000; a share of 0 to 1 is expected"},
                                         bad_setting{"fork", [](generator_settings& s) { s.loads_a_page = 0; },
                                                     "loads_a_page is 0; 1 to 4096 is expected"}));

}  // namespace
}  // namespace nestwalk::workload::test
