// Generators by name, and their settings.
#include "nestwalk/workload/make_generator.h"

#include <array>
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "nestwalk/configuration/description.h"
#include "nestwalk/configuration/group.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

TEST(make_generator, makes_each_of_the_list_and_gives_it_its_name) {
  EXPECT_EQ(generators().size(), 7u);
  for (const generator_description& each : generators()) {
    EXPECT_STREQ(make_generator(each.name)->format(), each.name);
    EXPECT_NE(std::string(each.about), "");
  }
}

TEST(make_generator, suggests_the_near_name) {
  const std::string message = message_of([] { make_generator("gusp"); });
  EXPECT_TRUE(has(message, "workload gusp: there is none of this name; did you mean gups?")) << message;
  EXPECT_TRUE(has(message, "workloads: gups, stream, chase, zipf, switch, fork")) << message;
}

TEST(make_generator, suggests_nothing_where_nothing_is_near) {
  const std::string message = message_of([] { make_generator("linpack"); });
  EXPECT_FALSE(has(message, "did you mean")) << message;
  EXPECT_TRUE(has(message, "workloads: gups, ")) << message;
}

TEST(make_generator, describes_a_setting_of_several_generators_alike) {
  generator_settings settings;
  std::map<std::string, configuration::key> known;
  for (const generator_description& each : generators()) {
    configuration::description d;
    each.describe(configuration::group(d), settings);
    for (const configuration::key& k : d.keys()) {
      const configuration::key& first = known.emplace(k.path, k).first->second;
      EXPECT_EQ(k.about, first.about) << each.name << " " << k.path;
      EXPECT_EQ(k.unit, first.unit) << each.name << " " << k.path;
      EXPECT_EQ(described(k.allowed, k.unit), described(first.allowed, first.unit)) << each.name << " " << k.path;
    }
  }
}

TEST(make_generator, takes_the_settings_that_are_described) {
  const configuration::value length = std::uint64_t{7};
  for (const generator_description& each : generators()) {
    generator_settings settings;
    configuration::description d;
    each.describe(configuration::group(d), settings);
    for (const configuration::key& k : d.keys())
      if (k.path == "length") k.set(length);
    const std::unique_ptr<source> made = make_generator(each.name, settings);
    std::array<operation, 64> some;
    std::size_t accesses = 0;
    while (const std::size_t count = made->next(some.data(), some.size()))
      for (std::size_t i = 0; i < count; ++i) accesses += some[i].kind != operation_kind::system_call;
    EXPECT_EQ(accesses, 7u) << each.name;
  }
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
                         testing::Values(bad_setting{"zipf", [](generator_settings& s) { s.zipf.exponent = 0; },
                                                     "exponent is 0; from 0.01 to 8 is expected"},
                                         bad_setting{"zipf", [](generator_settings& s) { s.zipf.unit = 32; },
                                                     "unit is 32; from 64 to 4KiB is expected"},
                                         bad_setting{"zipf", [](generator_settings& s) { s.zipf.unit = 100; },
                                                     "unit is 100; a power of two is expected"},
                                         bad_setting{"zipf", [](generator_settings& s) { s.zipf.stores = 1.5; },
                                                     "stores is 1.5; from 0 to 1 is expected"},
                                         bad_setting{"switch", [](generator_settings& s) { s.switching.processes = 0; },
                                                     "processes is 0; from 2 to 1024 is expected"},
                                         bad_setting{"switch", [](generator_settings& s) { s.switching.stores = -1; },
                                                     "stores is -1; from 0 to 1 is expected"},
                                         bad_setting{"switch", [](generator_settings& s) { s.switching.interval = 0; },
                                                     "interval is 0; from 2 up is expected"},
                                         bad_setting{"fork", [](generator_settings& s) { s.forking.touched = 0; },
                                                     "touched is 0.000000; a share above 0, at most 1 is expected"},
                                         bad_setting{"fork", [](generator_settings& s) { s.forking.written = 2; },
                                                     "written is 2; from 0 to 1 is expected"},
                                         bad_setting{"fork", [](generator_settings& s) { s.forking.loads_a_page = 0; },
                                                     "loads_a_page is 0; from 1 to 4096 is expected"}));

}  // namespace
}  // namespace nestwalk::workload::test
