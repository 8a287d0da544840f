#include "platforms/configuration/configuration.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "platform/program_run.h"
#include "platforms/configuration/assignments.h"
#include "platforms/configuration/workload_defaults.h"
#include "platforms/run/results.h"
#include "protocol/error.h"

namespace {

using namespace nestwalk::platforms;
using nestwalk::input_error;
using nestwalk::platform_tests::workplace;

std::string complaint(const std::function<void()>& of) {
  try {
    of();
  } catch (const input_error& problem) {
    return problem.what();
  }
  return "no complaint";
}

std::string complaint_about_option(const std::string& option) {
  return complaint([&] { assignments().read_option(option); });
}

std::string complaint_about_file(const std::string& content) {
  const workplace files;
  const std::string path = files.write("machine.toml", content);
  const std::string said = complaint([&] { assignments().read_file(path); });
  return said.substr(said.rfind("/machine.toml") == std::string::npos ? 0 : said.find("machine.toml"));
}

TEST(configuration, every_key_admits_its_own_default) {
  const configuration defaults;
  for (const key& k : key_table::all().keys()) {
    value held = k.get(defaults);
    if (std::holds_alternative<std::monostate>(held)) continue;
    EXPECT_TRUE(admits(k.allowed, held)) << k.path << " = " << written(held, k.unit);
  }
}

TEST(configuration, every_key_has_a_default_for_each_workload_that_reads_it) {
  for (const nestwalk::workload::generator_description& each : nestwalk::workload::generators()) {
    configuration c;
    set_defaults(c, each.name);
    const unsigned readers = reader::every_machine | reader::generator(each.name);
    for (const key& k : key_table::all().keys()) {
      value held = k.get(c);
      if ((k.read_by & readers) == 0) continue;
      EXPECT_TRUE(admits(k.allowed, held)) << each.name << ": " << k.path << " = " << written(held, k.unit);
    }
  }
}

TEST(configuration, a_workload_s_default_gives_way_to_what_is_set) {
  configuration c;
  c.workload.seed = 7;
  set_defaults(c, "gups");
  EXPECT_EQ(c.workload.seed, 7u);
}

TEST(configuration, every_key_says_what_it_is) {
  for (const key& k : key_table::all().keys()) {
    EXPECT_FALSE(k.about.empty()) << k.path;
    EXPECT_NE(k.read_by, 0u) << k.path;
  }
}

TEST(configuration, setting_a_key_changes_what_it_reads_as) {
  for (const key& k : key_table::all().keys()) {
    const auto* range = std::get_if<whole_numbers>(&k.allowed);
    if (range == nullptr) continue;
    configuration c;
    k.set(c, range->least);
    EXPECT_EQ(std::get<std::uint64_t>(k.get(c)), range->least) << k.path;
    k.set(c, std::min<std::uint64_t>(range->most, 0xffffffff));
    EXPECT_EQ(std::get<std::uint64_t>(k.get(c)), std::min<std::uint64_t>(range->most, 0xffffffff)) << k.path;
  }
}

TEST(configuration, the_shipped_skylake_sp_is_the_default) {
  assignments given;
  given.read_file(std::string(NESTWALK_SOURCE_DIR) + "/platforms/skylake_sp.toml");
  configuration c;
  given.apply(c, reader::native);
  EXPECT_EQ(echo(c, reader::everyone), echo(configuration(), reader::everyone));
}

TEST(configuration, the_shipped_zen2_is_read_by_every_machine) {
  assignments given;
  given.read_file(std::string(NESTWALK_SOURCE_DIR) + "/platforms/zen2.toml");
  for (const unsigned machine : {reader::native, reader::shadow, reader::nested}) {
    configuration c;
    given.apply(c, machine);
    check(c, machine);
    EXPECT_EQ(c.mmu.machine.maker, nestwalk::paging::vendor::amd);
    EXPECT_EQ(c.mmu.l2_tlb.base.entries, 2048u);
  }
}

TEST(configuration, a_later_setting_wins) {
  assignments given;
  given.read_option("mmu.l2_tlb.entries=512");
  given.read_option("mmu.l2_tlb.entries=256");
  configuration c;
  given.apply(c, reader::native);
  EXPECT_EQ(c.mmu.l2_tlb.base.entries, 256u);
}

TEST(configuration, bytes_take_a_factor) {
  assignments given;
  given.read_option("dram.size=1536GiB");
  configuration c;
  given.apply(c, reader::native);
  EXPECT_EQ(c.dram.size, std::uint64_t{1536} << 30);
}

TEST(configuration, a_misspelt_key_is_named_with_the_near_one) {
  EXPECT_EQ(complaint_about_option("mmu.l2_tlb.entires=512"),
            "--set: there is no key mmu.l2_tlb.entires; did you mean mmu.l2_tlb.entries? (run --describe lists all "
            "keys)");
}

TEST(configuration, a_misspelt_key_of_a_file_is_named_with_its_line) {
  EXPECT_EQ(complaint_about_file("[core]\ncycle = 0.5\n\n[mmu.l2_tlb]\nway = 4\n"),
            "machine.toml:5: there is no key mmu.l2_tlb.way; did you mean mmu.l2_tlb.ways? (run --describe lists all "
            "keys)");
}

TEST(configuration, a_value_for_a_group_of_keys_is_refused) {
  EXPECT_EQ(complaint_about_file("[mmu]\nl2_tlb = 512\n"),
            "machine.toml:2: mmu.l2_tlb is a group of keys (run --describe lists all keys)");
}

TEST(configuration, a_misspelt_table_of_a_file_is_named_with_its_line) {
  EXPECT_NE(complaint_about_file("[mmu.l3_tlb]\nentries = 4\n").find("machine.toml:1: there is no key mmu.l3_tlb"),
            std::string::npos);
}

TEST(configuration, a_value_out_of_range_is_told_the_range) {
  EXPECT_EQ(complaint_about_option("mmu.physical_bits=64"),
            "--set: mmu.physical_bits = 64 is out of range: it is from 36 to 52 bits");
  EXPECT_EQ(complaint_about_file("mmu.physical_bits = -1\n"),
            "machine.toml:1: mmu.physical_bits = -1 is out of range: it is from 36 to 52 bits");
}

TEST(configuration, a_value_of_another_kind_is_told_what_it_takes) {
  EXPECT_NE(complaint_about_option("mmu.l2_tlb.replacement=mru").find("one of lru, tree-plru, fifo, random"),
            std::string::npos);
  EXPECT_NE(complaint_about_option("guest.pcid=3").find("true or false"), std::string::npos);
  EXPECT_NE(complaint_about_file("mmu.l2_tlb.entries = [1, 2]\n").find("machine.toml:1"), std::string::npos);
}

TEST(configuration, a_value_that_is_no_whole_number_is_told_that_one_is_expected) {
  EXPECT_EQ(complaint_about_file("dram.size = 1e9\n"),
            "machine.toml:1: dram.size = 1000000000.0: a whole number from 1MiB to 4096TiB bytes is expected");
  EXPECT_EQ(complaint_about_file("dram.size = inf\n"),
            "machine.toml:1: dram.size = inf: a whole number from 1MiB to 4096TiB bytes is expected");
  EXPECT_EQ(complaint_about_file("mmu.physical_bits = true\n"),
            "machine.toml:1: mmu.physical_bits = true: a whole number from 36 to 52 bits is expected");
  EXPECT_EQ(complaint_about_option("mmu.physical_bits=fast"),
            "--set: mmu.physical_bits = \"fast\": a whole number from 36 to 52 bits is expected");
}

TEST(configuration, a_value_that_is_no_number_is_told_that_one_is_expected) {
  EXPECT_EQ(complaint_about_option("workload.stores=many"),
            "--set: workload.stores = \"many\": a number from 0 to 1 is expected");
}

// A generator's own check and the table must not differ.
TEST(configuration, a_workload_takes_what_is_least_and_most_of_its_keys) {
  for (const nestwalk::workload::generator_description& each : nestwalk::workload::generators())
    for (const key& k : key_table::all().keys()) {
      if ((k.read_by & reader::generator(each.name)) == 0 || k.path == "workload.footprint") continue;
      std::vector<value> ends;
      if (const auto* whole = std::get_if<whole_numbers>(&k.allowed)) ends = {whole->least, whole->most};
      if (const auto* part = std::get_if<numbers>(&k.allowed)) ends = {part->least, part->most};
      for (const value& end : ends) {
        if (k.path == "workload.touched" && end == value(0.0)) continue;  // a share above 0
        configuration c;
        k.set(c, end);
        EXPECT_EQ(complaint([&] { nestwalk::workload::make_generator(each.name, c.workload); }), "no complaint")
            << k.path << " = " << written(end, k.unit);
      }
    }
}

TEST(configuration, an_option_without_a_value_is_shown_one) {
  EXPECT_NE(complaint_about_option("mmu.l2_tlb.entries").find("key=value"), std::string::npos);
}

TEST(configuration, the_option_that_messages_show_is_one_that_the_default_machine_takes) {
  const std::string said = complaint_about_option("mmu.l2_tlb.entries");
  assignments given;
  given.read_option(said.substr(said.rfind(' ') + 1));
  configuration c;
  given.apply(c, reader::native);
  EXPECT_EQ(complaint([&] { check(c, reader::native); }), "no complaint");
}

TEST(configuration, a_file_that_is_not_toml_is_named_with_the_line) {
  EXPECT_NE(complaint_about_file("[core]\ncycle = = 3\n").find("machine.toml:2: this is not TOML"), std::string::npos);
}

TEST(configuration, a_key_that_no_machine_of_the_command_reads_is_an_error) {
  assignments given;
  given.read_option("vmm.shadow.policy=out-of-sync");
  configuration c;
  EXPECT_EQ(complaint([&] { given.apply(c, reader::native | reader::nested); }),
            "--set: unused key vmm.shadow.policy: it is read by machines of mode shadow, and this command runs none of "
            "those");
  EXPECT_EQ(complaint([&] { given.apply(c, reader::shadow); }), "no complaint");
}

TEST(configuration, a_setting_of_another_workload_is_an_error) {
  assignments given;
  given.read_option("workload.exponent=0.9");
  configuration c;
  EXPECT_NE(complaint([&] { given.apply(c, reader::native | reader::generator("gups")); }).find("unused key"),
            std::string::npos);
  EXPECT_EQ(complaint([&] { given.apply(c, reader::native | reader::generator("zipf")); }), "no complaint");
}

TEST(configuration, tlb_ways_that_do_not_divide_the_entries_are_an_error) {
  configuration c;
  c.mmu.l2_tlb.base.ways = 10;
  EXPECT_EQ(
      complaint([&] { check(c, reader::every_machine); }),
      "mmu.l2_tlb.ways: 10 ways do not divide the 1536 entries of mmu.l2_tlb.entries; 8 ways would, and 0 makes it "
      "fully associative");
}

TEST(configuration, more_guest_memory_than_there_is_is_an_error) {
  configuration c;
  c.guest.memory = c.dram.size * 2;
  EXPECT_NE(complaint([&] { check(c, reader::every_machine); }).find("guest.memory"), std::string::npos);
}

}  // namespace
