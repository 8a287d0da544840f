// The commands that read a machine's memory: explain --image and map.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "image/image_builder.h"
#include "image/linux_npt.h"
#include "platform/image_runs.h"
#include "platform/program_run.h"
#include "platforms/image/image_probe.h"
#include "support/two_stage_tables.h"

namespace {

using namespace nestwalk::platform_tests;
using nestwalk::image::cpu_registers;
using nestwalk::image::test::image_builder;
using nestwalk::image::test::linux_npt;
using nestwalk::image::test::page_truth;
using nestwalk::paging::fault_kind;
using nestwalk::paging::rights;
using nestwalk::test::two_stage_tables;
namespace platforms = nestwalk::platforms;
namespace paging = nestwalk::paging;
using json = nlohmann::json;

void expect_probes_to_agree(unsigned physical_bits) {
  const linux_npt machine;
  platforms::configuration c;
  for (auto* const each : {&c.caches.l1i, &c.caches.l1d, &c.caches.l2, &c.caches.llc}) each->size = 0;
  const auto state = platforms::state_of(linux_choice(physical_bits), *machine.image, c.mmu.processor);
  platforms::image_probe probe(c, state, *machine.image);
  for (const page_truth& truth : machine.pages) {
    const auto mode = truth.guest_user ? paging::access_mode::user : paging::access_mode::supervisor;
    const auto came = probe.access(paging::gva(truth.gva), {paging::access_type::read, mode});
    ASSERT_TRUE(came.walk) << truth.name();
    const bool reserved = truth.is_device() && physical_bits < 52;
    ASSERT_EQ(came.walk->mapped, truth.hpa && !reserved) << truth.name();
    if (!came.walk->mapped) {
      EXPECT_EQ(came.fault.kind, fault_kind::nested_page_fault) << truth.name();
      EXPECT_EQ((came.fault.qualification & paging::pf::rsvd) != 0, reserved) << truth.name();
      continue;
    }
    const auto& mapping = came.walk->mapping;
    EXPECT_EQ(came.walk->output.value, *truth.hpa) << truth.name();
    EXPECT_EQ(mapping.guest_size_log2, truth.guest_log2) << truth.name();
    EXPECT_EQ(mapping.nested_size_log2, truth.host_log2) << truth.name();
    EXPECT_EQ(mapping.granted.has(rights::writable), truth.guest_write) << truth.name();
    EXPECT_EQ(mapping.granted.has(rights::executable), truth.guest_execute) << truth.name();
    EXPECT_EQ(came.missing, !machine.image->around(*truth.hpa).host) << truth.name();
  }
}

TEST(image, explain_agrees_with_every_page_of_a_real_machine) {
  expect_probes_to_agree(52);
}

TEST(image, explain_agrees_with_every_page_where_bit_51_is_reserved) {
  expect_probes_to_agree(48);
}

TEST(image, explain_tells_the_walk_and_what_was_assumed) {
  const outcome done = run_with({"explain", "0x7fd84dc7b000"}, linux_options);
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(has(done.out, "CR3 0x547c000 (given)")) << done.out;
  EXPECT_TRUE(has(done.out, "CR4 0x710eb0 (CPU note)")) << done.out;
  EXPECT_TRUE(has(done.out, "EFER 0xd00 (assumed)")) << done.out;
  EXPECT_TRUE(has(done.out, "physical address bits 46 (assumed)")) << done.out;
  EXPECT_TRUE(has(done.out, "mapped to HPA 0xcdf0000")) << done.out;
  EXPECT_TRUE(has(done.out, "guest stage: 4K page, read write, user")) << done.out;
  EXPECT_TRUE(has(done.out, "nested stage: 2M page, read write execute")) << done.out;
}

TEST(image, explain_takes_the_kinds_of_access_and_both_modes) {
  const auto told = [](const char* address, std::vector<std::string> options) {
    options.insert(options.end(), linux_options.begin(), linux_options.end());
    return run_with({"explain", address}, options).out;
  };
  EXPECT_TRUE(has(told("0x7fd84dc7b000", {"--fetch"}), "fault: #PF(0x15)"));
  EXPECT_TRUE(has(told("0x7fd84dc7b000", {"--write"}), "write of 0x7fd84dc7b000, user mode"));
  EXPECT_TRUE(has(told("0x7fd84dc7b000", {"--supervisor"}), "fault: #PF(0x1)")) << "SMAP";
  EXPECT_TRUE(has(told("0xffffffff83800000", {}), "read of 0xffffffff83800000, supervisor mode"));
  EXPECT_TRUE(has(told("0xffffffff83800000", {"--user"}), "fault: #PF(0x5)"));
  EXPECT_TRUE(has(told("0x800000000000", {}), "fault: #GP(0)"));
}

TEST(image, map_agrees_with_every_page_of_a_real_machine) {
  const linux_npt machine;
  std::vector<std::string> options = linux_options;
  options.insert(options.end(), {"--json", "--physical-bits", "52"});
  const outcome done = run_with({"map"}, options);
  ASSERT_EQ(done.status, 0) << done.err;
  const json map = json::parse(done.out);
  EXPECT_EQ(map["machine"]["processor"]["physical address bits"]["value"], "52");
  std::vector<std::pair<std::uint64_t, json>> ranges;
  for (const json& each : map["ranges"]) ranges.emplace_back(number(each["gva"]), each);
  for (const page_truth& truth : machine.pages) {
    const auto above = std::upper_bound(ranges.begin(), ranges.end(), truth.gva,
                                        [](std::uint64_t at, const auto& each) { return at < each.first; });
    ASSERT_NE(above, ranges.begin()) << truth.name();
    const auto& [first, r] = *(above - 1);
    const std::uint64_t offset = truth.gva - first;
    ASSERT_LT(offset, r["bytes"].get<std::uint64_t>()) << truth.name();
    EXPECT_EQ(number(r["gpa"]) + offset, truth.gpa) << truth.name();
    EXPECT_EQ(r["guest_log2"], truth.guest_log2) << truth.name();
    EXPECT_EQ(r["guest_write"], truth.guest_write) << truth.name();
    EXPECT_EQ(r["guest_user"], truth.guest_user) << truth.name();
    EXPECT_EQ(r["guest_execute"], truth.guest_execute) << truth.name();
    EXPECT_EQ(r["hpa"].is_null(), !truth.hpa) << truth.name();
    if (!truth.hpa) continue;
    EXPECT_EQ(number(r["hpa"]) + offset, *truth.hpa) << truth.name();
    EXPECT_EQ(r["host_log2"], truth.host_log2) << truth.name();
  }
  EXPECT_EQ(map["counts"]["tlb_entries_needed"], 7641 + 62 + 481);
}

/// Tables made by hand over EPT, of five levels with a page of 1G, as an ELF core.
struct by_hand {
  by_hand() : tables(nestwalk::test::tables_in(memory), config()) {
    tables.map(std::uint64_t{1} << 50, std::uint64_t{5} << 30, paging::page_1g, paging::page_1g);
    tables.map(0x1000, 0x7000, paging::page_4k, paging::page_2m);
  }
  static two_stage_tables::config config() {
    two_stage_tables::config c;
    c.guest_levels = c.nested_levels = 5;
    return c;
  }
  std::string elf() const { return nestwalk::image::test::elf_core(memory).file(); }
  std::vector<std::string> options(const std::string& file) const {
    return {"--image",  file,     "--cr3",         std::to_string(tables.guest.root()),
            "--cr4",    "0x10a0", "--nested-root", std::to_string(tables.eptp()),
            "--nested", "ept"};
  }
  image_builder memory;
  two_stage_tables tables;
};

TEST(image, explain_walks_five_levels_of_ept_and_pages_of_1g) {
  const by_hand made;
  const workplace files;
  const auto options = made.options(files.write("image", made.elf()));
  const outcome done = run_with({"explain", "0x4000001234567"}, options);
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(has(done.out, "EPT PML5E")) << done.out;
  EXPECT_TRUE(has(done.out, "guest stage: 1G page")) << done.out;
  EXPECT_TRUE(has(done.out, "nested stage: 1G page")) << done.out;
  EXPECT_TRUE(has(done.out, "mapped to HPA 0x1141234567")) << done.out;
  const outcome map = run_with({"map"}, options);
  EXPECT_TRUE(has(map.out, "1G     1G                1       1.0 GiB")) << map.out;
  EXPECT_TRUE(has(map.out, "4K     2M                1       4.0 KiB")) << map.out;
}

TEST(image, map_reads_raw_memory_and_lime_and_natively) {
  image_builder memory;
  two_stage_tables::config c;
  c.nested = false;
  c.guest_tables = 0x10000;
  two_stage_tables tables(nestwalk::test::tables_in(memory), c);
  tables.map(0x400000, 0x7000);
  const workplace files;
  const std::string lime = files.write("lime", nestwalk::image::test::lime(memory));
  const std::string raw = files.write("raw", memory.bytes_of(memory.segments(0).front()));
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--image", lime, "--cr3", "0x10000"},
        std::vector<std::string>{"--image", raw, "--base", "0x10000", "--cr3", "0x10000"}}) {
    const outcome done = run_with({"map"}, options);
    ASSERT_EQ(done.status, 0) << done.err;
    EXPECT_TRUE(has(done.out, "0x400000             4.0 KiB 0x7000")) << done.out;
    EXPECT_TRUE(has(done.out, "CR4 0xa0 (assumed)")) << done.out;
  }
}

TEST(image, map_takes_registers_from_a_note) {
  image_builder memory;
  two_stage_tables::config c;
  c.nested = false;
  two_stage_tables tables(nestwalk::test::tables_in(memory), c);
  tables.map(0x400000, 0x7000);
  const cpu_registers other{0x80050033, 0x123000, 0x6f0};
  const cpu_registers mine{0x80050033, tables.guest.root() | std::uint64_t{1} << 62, 0x20'0006f0 | 1u << 23};
  const workplace files;
  const std::string image = files.write("image", nestwalk::image::test::elf_core(memory, {other, mine}).file());
  const outcome done = run_with({"map"}, {"--image", image, "--cpu", "1"});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(has(done.out, "CR0 0x80050033 (CPU note)")) << done.out;
  EXPECT_TRUE(has(done.out, "CR4 bits 0x20800000 are not modelled and left out")) << done.out;
  EXPECT_TRUE(has(done.out, "CR3 bits 0x4000000000000000 are not modelled and left out")) << done.out;
  EXPECT_TRUE(has(done.out, "0x400000             4.0 KiB 0x7000")) << done.out;
}

TEST(image, tables_that_the_image_lacks_are_a_memory_error_with_their_address) {
  by_hand made;
  made.memory.remove(made.tables.nested.root());
  const workplace files;
  const auto options = made.options(files.write("image", made.elf()));
  const outcome told = run_with({"explain", "0x1000"}, options);
  EXPECT_EQ(told.status, 0) << told.err;
  EXPECT_TRUE(has(told.out, "fault: memory error at the table entry 0x80000")) << told.out;
  const outcome map = run_with({"map"}, options);
  EXPECT_EQ(map.status, 0) << map.err;
  EXPECT_TRUE(has(map.out, "the image lacks the second stage's entry at HPA 0x80000")) << map.out;
}

TEST(image, tables_that_map_without_end_are_said_to) {
  image_builder memory;
  for (unsigned i = 0; i < 512; ++i) {
    memory.write(0x1000 + 8 * i, (i % 2 != 0 ? 0x1000 : 0x2000) | 0x67);
    memory.write(0x2000 + 8 * i, (i % 3 != 0 ? 0x1000 : 0x2000) | 0x67);
  }
  const workplace files;
  const std::string image = files.write("image", nestwalk::image::test::elf_core(memory).file());
  const outcome done = run_with({"map"}, {"--image", image, "--cr3", "0x1000"});
  EXPECT_EQ(done.status, 1);
  EXPECT_TRUE(has(done.err, "as if they referred to themselves; ended at 0x")) << done.err;
  EXPECT_TRUE(has(done.out, "\nended at 0x"));
  EXPECT_TRUE(has(done.out, "A TLB needs ")) << "what was found until then is counted";
}

TEST(image, options_that_do_not_go_together_are_refused) {
  const by_hand made;
  const workplace files;
  const std::string image = files.write("image", made.elf());
  const auto refusal = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"--image", image});
    const outcome done = run_with({"map"}, options);
    EXPECT_NE(done.status, 0);
    EXPECT_EQ(done.out, "");
    return done.err;
  };
  EXPECT_TRUE(has(refusal({}), "no CPU note with registers; --cr3 says where the tables are"));
  EXPECT_TRUE(has(refusal({"--nested-root", "0x1000"}), "--nested-root: needs --cr3"));
  EXPECT_TRUE(has(refusal({"--cr3", "0", "--nested", "ept"}), "without --nested-root there is no second stage"));
  EXPECT_TRUE(has(refusal({"--cr3", "0", "--nested-root", "0x1001"}), "the EPTP is refused: bits 2:0"));
  EXPECT_TRUE(has(refusal({"--cr3", "0", "--nested-root", "0", "--nested", "npt", "--vendor", "intel"}),
                  "has no second stage of the format"));
  EXPECT_TRUE(
      has(refusal({"--cr3", "0x1000000000000", "--physical-bits", "40"}), "beyond the physical width of 40 bits"));
  EXPECT_TRUE(has(refusal({"--cr3", "0", "--cpu", "3"}), "has the registers of 0 processors"));
  EXPECT_TRUE(has(refusal({"--cr3", "0", "--cr4", "0", "--efer", "0xd00"}), "no paging mode has both"));
}

TEST(image, explain_does_not_change_the_file) {
  image_builder memory;
  two_stage_tables::config c;
  c.nested = false;
  two_stage_tables tables(nestwalk::test::tables_in(memory), c);
  tables.map(0x400000, 0x7000, paging::page_4k, paging::page_4k, nestwalk::test::leaf::x86_clean);
  memory.touch(0x7000);
  const workplace files;
  const std::string content = nestwalk::image::test::elf_core(memory).file();
  const std::string image = files.write("image", content);
  const outcome done =
      run_with({"explain", "0x400000", "--write"}, {"--image", image, "--cr3", std::to_string(tables.guest.root())});
  EXPECT_TRUE(has(done.out, "exchange")) << "flags are set: " << done.out << done.err;
  EXPECT_EQ(files.read("image"), content);
}

}  // namespace
