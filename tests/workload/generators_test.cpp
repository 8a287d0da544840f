// What each generator makes.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/configuration/description.h"
#include "nestwalk/configuration/group.h"
#include "nestwalk/workload/chase.h"
#include "nestwalk/workload/churn.h"
#include "nestwalk/workload/forking.h"
#include "nestwalk/workload/gups.h"
#include "nestwalk/workload/make_generator.h"
#include "nestwalk/workload/stream.h"
#include "nestwalk/workload/switching.h"
#include "nestwalk/workload/zipf.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

std::vector<operation> data_of(const std::vector<operation>& all) {
  std::vector<operation> data;
  for (const operation& each : all)
    if (each.kind != operation_kind::system_call && each.kind != operation_kind::fetch) data.push_back(each);
  return data;
}

std::uint64_t data_offset(const operation& of) {
  return of.address - generator::data_base;
}

/// Plays the system calls as a kernel would and holds each access against the regions of its process.
class region_checker {
 public:
  void take(const operation& each) {
    if (each.kind != operation_kind::system_call) return access(each);
    switch (each.call) {
      case system_call::map:
        EXPECT_EQ(each.address.offset(12), 0u);
        EXPECT_EQ(each.length % 4096, 0u);
        EXPECT_GT(each.length, 0u);
        taken_.erase(each.address.value);
        processes_[current_].push_back({each.address.value, each.address.value + each.length});
        break;
      case system_call::unmap:
      case system_call::protect: edit(each); break;
      case system_call::fork:
        EXPECT_EQ(processes_.count(each.argument), 0u) << "fork of a process that exists";
        processes_[each.argument] = processes_[current_];
        ++forks;
        break;
      case system_call::exit:
        EXPECT_NE(current_, 1u);
        EXPECT_EQ(processes_.count(each.argument), 1u) << "exit to a process that does not exist";
        processes_.erase(current_);
        current_ = each.argument;
        ++exits;
        break;
      case system_call::switch_to:
        current_ = each.argument;
        processes_[current_];
        ++switches;
        break;
      default: ADD_FAILURE() << "a call that no generator makes";
    }
  }

  std::uint32_t current() const { return current_; }
  std::uint64_t alive() const { return processes_.size(); }
  int forks = 0;
  int exits = 0;
  int switches = 0;

 private:
  struct region {
    std::uint64_t from, to;
  };

  // What churn unmaps or protects it gives back before the next access.
  void edit(const operation& each) {
    EXPECT_EQ(each.address.offset(12), 0u);
    EXPECT_EQ(each.length, 4096u);
    const bool takes = each.call == system_call::unmap || each.argument == 0;
    EXPECT_EQ(taken_.count(each.address.value) == 0, takes);
    if (takes)
      taken_[each.address.value] = each.call;
    else
      taken_.erase(each.address.value);
  }

  void access(const operation& each) {
    EXPECT_TRUE(taken_.empty()) << "an access while a page is taken away";
    const auto& regions = processes_.at(current_);
    const bool inside = std::any_of(regions.begin(), regions.end(), [&](const region& r) {
      return each.address.value >= r.from && each.address.value + each.size <= r.to;
    });
    ASSERT_TRUE(inside) << "process " << current_ << " at " << std::hex << each.address.value;
    ASSERT_GE(each.size, 1);
    ASSERT_LE(each.size, 64);
  }

  std::map<std::uint32_t, std::vector<region>> processes_ = {{1, {}}};
  std::uint32_t current_ = 1;
  std::map<std::uint64_t, system_call> taken_;  // pages
};

class every_generator : public testing::TestWithParam<std::string> {};

// Sets a setting of the generator, where it has it.
void set(generator_settings& settings, const std::string& generator, const std::string& name, std::uint64_t to) {
  configuration::description d;
  for (const generator_description& each : generators())
    if (generator == each.name) each.describe(configuration::group(d), settings);
  for (const configuration::key& k : d.keys())
    if (k.path == name) k.set(to);
}

generator_settings of_length(const std::string& generator, std::uint64_t length) {
  generator_settings settings;
  set(settings, generator, "length", length);
  return settings;
}

TEST_P(every_generator, repeats_itself_to_the_byte) {
  const std::vector<operation> first = all_of(*make_generator(GetParam(), of_length(GetParam(), 50'000)));
  EXPECT_TRUE(same(first, all_of(*make_generator(GetParam(), of_length(GetParam(), 50'000)), 1)));
  EXPECT_TRUE(same(first, all_of(*make_generator(GetParam(), of_length(GetParam(), 50'000)), 777)));
}

TEST_P(every_generator, is_as_long_as_it_is_told) {
  for (const std::uint64_t length : {1u, 2u, 999u, 20'000u}) {
    const std::unique_ptr<source> made = make_generator(GetParam(), of_length(GetParam(), length));
    std::uint64_t accesses = 0;
    for (const operation& each : all_of(*made)) accesses += each.kind != operation_kind::system_call;
    EXPECT_EQ(accesses, length);
    EXPECT_EQ(made->progress(), 1.0);
  }
}

TEST_P(every_generator, maps_all_that_it_touches) {
  for (const std::uint64_t footprint : {64u << 10, 1u << 20, 12345u << 8}) {
    generator_settings settings = of_length(GetParam(), 200'000);
    set(settings, GetParam(), "footprint", footprint);
    region_checker checker;
    for (const operation& each : all_of(*make_generator(GetParam(), settings))) {
      checker.take(each);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(every_generator, stays_within_its_footprint) {
  constexpr std::uint64_t footprint = 1 << 20;
  generator_settings settings = of_length(GetParam(), 400'000);
  set(settings, GetParam(), "footprint", footprint);
  for (const operation& each : data_of(all_of(*make_generator(GetParam(), settings))))
    ASSERT_LE(data_offset(each) + each.size, footprint);
}

TEST_P(every_generator, fetches_an_instruction_before_each_data_access) {
  bool fetched = false;
  for (const operation& each : all_of(*make_generator(GetParam(), of_length(GetParam(), 10'000)))) {
    if (each.kind == operation_kind::system_call) continue;
    ASSERT_NE(fetched, each.kind == operation_kind::fetch);
    fetched = each.kind == operation_kind::fetch;
    if (fetched) {
      ASSERT_GE(each.address.value, generator::code_base.value);
      ASSERT_LE(each.address.value + each.size, generator::code_base.value + generator::code_bytes);
    }
  }
}

TEST_P(every_generator, changes_with_its_seed_where_it_has_one) {
  generator_settings settings = of_length(GetParam(), 20'000);
  const std::vector<operation> first = all_of(*make_generator(GetParam(), settings));
  set(settings, GetParam(), "seed", 2);
  EXPECT_EQ(same(first, all_of(*make_generator(GetParam(), settings))), GetParam() == "stream");
}

TEST_P(every_generator, refuses_a_footprint_out_of_range) {
  for (const std::uint64_t footprint : {std::uint64_t{0}, std::uint64_t{4095}, ~std::uint64_t{0}}) {
    generator_settings settings;
    set(settings, GetParam(), "footprint", footprint);
    const std::string message = message_of([&] { make_generator(GetParam(), settings); });
    EXPECT_TRUE(has(message, "workload " + GetParam() + ": footprint is " + std::to_string(footprint))) << message;
    EXPECT_TRUE(has(message, "from 4KiB to 64TiB is expected")) << message;
  }
}

INSTANTIATE_TEST_SUITE_P(each, every_generator,
                         testing::Values("gups", "stream", "chase", "zipf", "switch", "fork", "churn"),
                         [](const auto& info) { return info.param; });

TEST(gups, modifies_8_aligned_bytes_all_over_the_table) {
  gups_config config;
  config.footprint = 1 << 20;
  config.length = 40'000;
  gups made(config);
  std::set<std::uint64_t> pages;
  for (const operation& each : data_of(all_of(made))) {
    EXPECT_EQ(each.kind, operation_kind::modify);
    EXPECT_EQ(each.size, 8);
    EXPECT_EQ(each.address.offset(3), 0u);
    pages.insert(data_offset(each) / 4096);
  }
  EXPECT_EQ(pages.size(), 256u);
}

TEST(stream, reads_two_arrays_and_writes_a_third_from_end_to_end) {
  stream_config config;
  config.footprint = 3 * 4096;
  config.length = 2 * 3 * 512 + 6;
  stream made(config);
  const std::vector<operation> data = data_of(all_of(made));
  ASSERT_EQ(data.size(), 3 * 512u + 3);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const std::uint64_t at = i / 3 % 512 * 8;
    EXPECT_EQ(data[i].kind, operation_kind::load);
    EXPECT_EQ(data_offset(data[i]), 4096 + at);
    EXPECT_EQ(data[i + 1].kind, operation_kind::load);
    EXPECT_EQ(data_offset(data[i + 1]), 8192 + at);
    EXPECT_EQ(data[i + 2].kind, operation_kind::store);
    EXPECT_EQ(data_offset(data[i + 2]), at);
  }
}

TEST(chase, loads_each_line_once_before_any_again) {
  chase_config config;
  config.footprint = 100 * 4096;
  constexpr std::size_t lines = 100 * 64;
  config.length = 2 * 2 * lines;
  chase made(config);
  const std::vector<operation> data = data_of(all_of(made));
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < lines; ++i) {
    EXPECT_EQ(data[i].kind, operation_kind::load);
    EXPECT_EQ(data[i].address.offset(6), 0u);
    EXPECT_EQ(data[i].address, data[i + lines].address);
    seen.insert(data[i].address.value);
  }
  EXPECT_EQ(seen.size(), lines);
}

TEST(zipf, has_few_hot_pages_scattered_and_many_cold) {
  zipf_config config;
  config.footprint = 1024 * 4096;
  config.length = 400'000;
  zipf made(config);
  std::map<std::uint64_t, int> pages;
  int stores = 0;
  for (const operation& each : data_of(all_of(made))) {
    ++pages[data_offset(each) / 4096];
    stores += each.kind == operation_kind::store;
  }
  std::vector<std::pair<int, std::uint64_t>> by_count;
  for (const auto& [page, count] : pages) by_count.emplace_back(count, page);
  std::sort(by_count.rbegin(), by_count.rend());
  EXPECT_GT(by_count[0].first, 200'000 / 20);        // about 1 / 7.5 of all
  EXPECT_LT(by_count.back().first, 200'000 / 1024);  // below the mean
  EXPECT_GT(pages.size(), 1000u);
  EXPECT_NE(by_count[0].second + 1, by_count[1].second);
  EXPECT_NEAR(stores, 50'000, 2000);
}

TEST(switching, runs_its_processes_in_turn_for_an_interval_each) {
  switching_config config;
  config.processes = 3;
  config.interval = 100;
  config.length = 3'000;
  switching made(config);
  region_checker checker;
  std::vector<std::pair<std::uint32_t, int>> turns;
  for (const operation& each : all_of(made)) {
    checker.take(each);
    if (each.kind == operation_kind::system_call) continue;
    if (turns.empty() || turns.back().first != checker.current()) turns.emplace_back(checker.current(), 0);
    ++turns.back().second;
  }
  ASSERT_EQ(turns.size(), 30u);
  for (std::size_t i = 0; i < turns.size(); ++i) {
    EXPECT_EQ(turns[i].first, i % 3 + 1);
    EXPECT_EQ(turns[i].second, 100);
  }
  EXPECT_EQ(checker.alive(), 3u);
}

TEST(switching, refuses_fewer_pages_than_processes) {
  switching_config config;
  config.footprint = 3 * 4096;
  EXPECT_TRUE(has(message_of([&] { switching made(config); }), "at least a page of 4096 for each process"));
}

TEST(forking, forks_runs_and_ends_children_one_after_another) {
  forking_config config;
  config.footprint = 64 * 4096;
  config.length = 60'000;
  forking made(config);
  region_checker checker;
  std::uint64_t most_alive = 0;
  for (const operation& each : all_of(made)) {
    checker.take(each);
    most_alive = std::max(most_alive, checker.alive());
  }
  EXPECT_EQ(most_alive, 2u);
  // Both load 32 pages 16 times and write 16: 2 * (512 + 16) data accesses a turn, and as many fetches.
  EXPECT_NEAR(checker.forks, 60'000 / (4 * 528), 1);
  EXPECT_GE(checker.exits, checker.forks - 1);
}

TEST(forking, fills_the_region_before_its_first_fork) {
  forking_config config;
  config.footprint = 64 * 4096;
  config.length = 10'000;
  forking made(config);
  std::set<std::uint64_t> pages;
  for (const operation& each : all_of(made)) {
    if (each.kind == operation_kind::store) pages.insert(each.address.base(12).value);
    if (each.kind == operation_kind::system_call && each.call == system_call::fork) break;
  }
  EXPECT_EQ(pages.size(), 64u);
}

TEST(forking, has_child_and_parent_write_the_told_share_of_the_pages) {
  forking_config config;
  config.footprint = 64 * 4096;
  config.length = 40'000;
  config.written = 0.5;
  forking made(config);
  region_checker checker;
  std::vector<std::set<std::uint64_t>> written;  // by child, and by the parent after it
  std::uint32_t last = 0;
  for (const operation& each : all_of(made)) {
    checker.take(each);
    if (checker.forks == 0) continue;
    if (checker.current() != last) written.emplace_back();
    last = checker.current();
    if (each.kind == operation_kind::store) written.back().insert(each.address.base(12).value);
  }
  ASSERT_GT(written.size(), 10u);
  written.pop_back();  // the last may be cut off
  for (std::size_t i = 1; i < written.size(); ++i) EXPECT_EQ(written[i].size(), 32u) << i;
}

TEST(churn, edits_tables_at_the_told_rate) {
  for (const double edits : {0.0, 0.5, 20.0}) {
    churn_config config;
    config.footprint = 1 << 20;
    config.length = 400'000;
    config.edits = edits;
    double calls = 0;
    churn made(config);
    for (const operation& each : all_of(made)) calls += each.kind == operation_kind::system_call;
    constexpr double maps_at_first = 2;
    EXPECT_NEAR(calls - maps_at_first, edits * 400, edits * 4 + 2) << edits;
  }
}

TEST(forking, with_nothing_written_still_forks) {
  forking_config config;
  config.footprint = 4096;
  config.written = 0;
  config.length = 1'000;
  forking made(config);
  region_checker checker;
  for (const operation& each : all_of(made)) checker.take(each);
  EXPECT_GT(checker.forks, 5);
}

}  // namespace
}  // namespace nestwalk::workload::test
