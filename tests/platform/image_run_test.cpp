// run --image: a program over the tables of a machine's memory.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include <gtest/gtest.h>

#include "image/image_builder.h"
#include "image/linux_npt.h"
#include "platform/image_runs.h"
#include "platforms/explain/explain_source.h"
#include "platforms/image/image_machine.h"
#include "support/two_stage_tables.h"

namespace {

using namespace nestwalk::platform_tests;
using nestwalk::image::test::image_builder;
using nestwalk::image::test::linux_npt;
using nestwalk::image::test::page_truth;
using nestwalk::test::two_stage_tables;
namespace platforms = nestwalk::platforms;
namespace paging = nestwalk::paging;
using json = nlohmann::json;

/// A lackey trace: each line as "kind address".
std::string trace_of(const std::vector<std::pair<const char*, std::uint64_t>>& accesses) {
  std::string text;
  for (const auto& [kind, address] : accesses) {
    char line[48];
    std::snprintf(line, sizeof line, "%s%08llx,8\n", kind, static_cast<unsigned long long>(address));
    text += line;
  }
  return text;
}

constexpr const char* load = " L ";
constexpr const char* store = " S ";

/// What `run` said of skipped accesses, by the reason's name.
json skipped_for(const json& results, const char* why) {
  for (const json& each : results["machines"][0]["skipped"])
    if (each["why"] == why) return each;
  return {};
}

TEST(image_run, makes_accesses_to_what_is_mapped_and_lists_what_is_not) {
  const linux_npt machine;
  std::vector<std::pair<const char*, std::uint64_t>> accesses;
  unsigned present = 0;
  unsigned kernels = 0;
  unsigned absent = 0;
  for (const page_truth& truth : machine.pages) {
    accesses.emplace_back(load, truth.gva);
    if (!truth.guest_user)
      ++kernels;
    else if (machine.image->around(*truth.hpa).host != nullptr)
      ++present;
    else
      ++absent;
  }
  ASSERT_GE(present, 104u);
  accesses.emplace_back(load, 0x10000);
  accesses.emplace_back(load, 0x800000000000);
  const workplace files;
  std::vector<std::string> options = linux_options;
  options.insert(options.end(),
                 {"--trace", files.write("trace", trace_of(accesses)), "--stats", files.path("stats.json")});
  const outcome done = run_with({"run"}, options);
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(has(done.out, "CR3 0x547c000 (given)")) << done.out;
  EXPECT_TRUE(has(done.out, "accesses were skipped:")) << done.out;
  const json results = files.json("stats.json");
  EXPECT_EQ(statistic(results, 0, "core.loads"), accesses.size());
  EXPECT_EQ(skipped_for(results, "guest_forbidden")["accesses"], kernels);
  EXPECT_EQ(skipped_for(results, "guest_not_mapped")["first"]["gva"], "0x10000");
  EXPECT_EQ(skipped_for(results, "not_canonical")["accesses"], 1);
  const json missing = skipped_for(results, "no_data");
  EXPECT_EQ(missing["accesses"], absent);
  const auto first = std::find_if(machine.pages.begin(), machine.pages.end(), [&](const page_truth& t) {
    return t.guest_user && machine.image->around(*t.hpa).host == nullptr;
  });
  EXPECT_EQ(number(missing["first"]["hpa"]), *first->hpa) << "a memory error with its address";
  EXPECT_EQ(statistic(results, 0, "skipped.no_data"), absent);
}

TEST(image_run, reads_the_bytes_that_the_image_has) {
  const linux_npt machine;
  const auto state = platforms::state_of(linux_choice(48), *machine.image, {});
  platforms::image_machine m({}, state, *machine.image, false);
  class own_address final : public nestwalk::cpu::retirement_observer {
   public:
    void loaded(const nestwalk::cpu::retired_access& done) override {
      std::uint64_t value = 0;
      std::memcpy(&value, done.data, sizeof value);
      EXPECT_EQ(value, done.address.value - 8);
      ++loads;
    }
    void stored(const nestwalk::cpu::retired_access&) override {}
    void called(std::uint32_t, const nestwalk::workload::operation&) override {}
    unsigned loads = 0;
  } observer;
  m.core().observe(&observer);
  std::vector<nestwalk::workload::operation> loads;
  for (const page_truth& truth : machine.pages) {
    if (!truth.from_pagemaps) continue;
    nestwalk::workload::operation each;
    each.address = paging::gva(truth.gva + 8);
    each.size = 8;
    loads.push_back(each);
  }
  platforms::explain_source source(loads);
  nestwalk::cpu::program program;
  program.operations = &source;
  m.run(program);
  EXPECT_EQ(observer.loads, 104u) << "each page holds its own address";
}

TEST(image_run, ends_at_the_first_access_that_is_not_performed_where_it_is_told_to) {
  const workplace files;
  std::vector<std::string> options = linux_options;
  options.insert(options.end(), {"--trace", files.write("trace", trace_of({{load, 0x7fd84dc7b000}, {load, 0x10000}})),
                                 "--end-on-fault", "--stats", files.path("stats.json")});
  const outcome done = run_with({"run"}, options);
  EXPECT_EQ(done.status, 1);
  EXPECT_TRUE(has(done.err, "--end-on-fault: the access to 0x10000: #PF(0x4)")) << done.err;
  EXPECT_EQ(files.json("stats.json")["partial"], true);
}

TEST(image_run, puts_a_generated_workload_on_pages_that_are_there) {
  const workplace files;
  for (const char* const workload : {"gups", "zipf", "chase", "stream"}) {
    std::vector<std::string> options = linux_options;
    options.insert(options.end(), {"--workload", workload, "--limit", "20000", "--stats", files.path("stats.json")});
    const outcome done = run_with({"run"}, options);
    ASSERT_EQ(done.status, 0) << done.err;
    EXPECT_TRUE(has(done.err, "users may not write in this image")) << done.err;
    const json results = files.json("stats.json");
    EXPECT_EQ(results["machines"][0]["skipped"].size(), 0u) << results["machines"][0]["skipped"];
    EXPECT_GT(statistic(results, 0, "mmu.guest_walker.walks"), 10) << workload;
  }
  std::vector<std::string> options = linux_options;
  options.insert(options.end(), {"--workload", "fork"});
  EXPECT_TRUE(has(run_with({"run"}, options).err, "tables of an image are those of one process"));
}

TEST(image_run, sets_flags_and_stores_in_memory_and_not_in_the_file) {
  image_builder memory;
  two_stage_tables::config c;
  c.nested = false;
  two_stage_tables tables(nestwalk::test::tables_in(memory), c);
  tables.map(0x400000, 0x7000, paging::page_4k, paging::page_4k, nestwalk::test::leaf::x86_clean);
  memory.touch(0x7000);
  const workplace files;
  const std::string content = nestwalk::image::test::elf_core(memory).file();
  const std::string image = files.write("image", content);
  const std::string trace = files.write("trace", trace_of({{store, 0x400000}, {load, 0x400000}}));
  const outcome done = run_with({"run", "--trace", trace, "--stats", files.path("stats.json")},
                                {"--image", image, "--cr3", std::to_string(tables.guest.root())});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_GT(statistic(files.json("stats.json"), 0, "mmu.guest_walker.exchanges"), 0);
  EXPECT_EQ(files.read("image"), content);
}

TEST(image_run, needs_a_workload_and_takes_no_guest_kernels_options) {
  EXPECT_TRUE(has(run_with({"run"}, linux_options).err, "name a --trace or a --workload"));
  std::vector<std::string> options = linux_options;
  options.insert(options.end(), {"--workload", "gups", "--check"});
  EXPECT_EQ(run_with({"run"}, options).status, 2);
}

}  // namespace
