#include "platforms/configuration/configuration.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "platform/program_run.h"
#include "platforms/configuration/assignments.h"
#include "platforms/configuration/key_table.h"
#include "platforms/run/results.h"

namespace {

using namespace nestwalk::platforms;
using nestwalk::input_error;
using nestwalk::configuration::numbers;
using nestwalk::configuration::whole_numbers;
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
  configuration defaults;
  const key_table table(defaults);
  for (const key& k : table.keys()) {
    value held = k.get();
    EXPECT_TRUE(admits(k.allowed, held)) << k.path << " = " << written(held, k.unit);
  }
}

TEST(configuration, every_key_of_a_workload_admits_the_default_of_each_that_reads_it) {
  configuration defaults;
  const key_table table(defaults);
  for (const nestwalk::workload::generator_description& each : nestwalk::workload::generators())
    for (const key& k : table.keys()) {
      const unsigned readers = reader::generator(each.name);
      if ((k.read_by & readers) == 0) continue;
      value held = k.get(readers);
      EXPECT_TRUE(admits(k.allowed, held)) << each.name << ": " << k.path << " = " << written(held, k.unit);
    }
}

TEST(configuration, a_workload_s_key_has_the_default_of_the_workload_until_it_is_set) {
  configuration c;
  const key_table table(c);
  const key& footprint = *table.find("workload.footprint");
  EXPECT_EQ(footprint.get(reader::generator("gups")), value(c.workload.gups.footprint));
  EXPECT_EQ(footprint.get(reader::generator("stream")), value(c.workload.stream.footprint));
  EXPECT_NE(footprint.get(reader::generator("gups")), footprint.get(reader::generator("stream")));
  footprint.set(std::uint64_t{7} << 20);
  for (const char* const each : {"gups", "stream", "zipf", "fork"})
    EXPECT_EQ(footprint.get(reader::generator(each)), value(std::uint64_t{7} << 20)) << each;
}

TEST(configuration, every_key_says_what_it_is) {
  configuration c;
  const key_table table(c);
  for (const key& k : table.keys()) {
    EXPECT_FALSE(k.about.empty()) << k.path;
    EXPECT_NE(k.read_by, 0u) << k.path;
  }
}

TEST(configuration, setting_a_key_changes_what_it_reads_as) {
  configuration c;
  const key_table table(c);
  for (const key& k : table.keys()) {
    const auto* range = std::get_if<whole_numbers>(&k.allowed);
    if (range == nullptr) continue;
    k.set(range->least);
    EXPECT_EQ(k.get(), value(range->least)) << k.path;
    k.set(std::min<std::uint64_t>(range->most, 0xffffffff));
    EXPECT_EQ(k.get(), value(std::min<std::uint64_t>(range->most, 0xffffffff))) << k.path;
  }
}

TEST(configuration, no_two_keys_share_a_value) {
  configuration c;
  const key_table table(c);
  std::map<std::string, value> before;
  for (const key& k : table.keys()) before[k.path] = k.get();
  for (const key& changed : table.keys()) {
    const auto* range = std::get_if<whole_numbers>(&changed.allowed);
    if (range == nullptr) continue;
    const value was = changed.get();
    changed.set(was == value(range->least) ? range->least + 1 : range->least);
    for (const key& k : table.keys()) {
      if (k.path != changed.path) {
        EXPECT_EQ(k.get(), before[k.path]) << changed.path << " changes " << k.path;
      }
    }
    changed.set(was);
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
    EXPECT_EQ(c.mmu.processor.maker, nestwalk::paging::vendor::amd);
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

TEST(configuration, a_size_reads_as_people_write_it) {
  for (const char* const size : {"1073741824", "0x40000000", "1G", "1g", "1GB", "1gb", "1GiB", "1 GiB", "1024M",
                                 "0x400 MiB", "1048576K", "1048576 kB"}) {
    assignments given;
    given.read_option(std::string("guest.memory=") + size);
    configuration c;
    given.apply(c, reader::native);
    EXPECT_EQ(c.guest.memory, std::uint64_t{1} << 30) << size;
  }
}

TEST(configuration, a_size_that_is_none_is_told_what_it_may_be) {
  for (const char* const size : {"1X", "1GG", "1iB", "G", " GiB", "1.5G", "-1G", "1 Gi", "16777216T", "1G 4"})
    EXPECT_NE(complaint_about_option(std::string("dram.size=") + size)
                  .find("4096, 0x1000, 4K, 4KB and 4 KiB are the same size"),
              std::string::npos)
        << size << ": " << complaint_about_option(std::string("dram.size=") + size);
}

TEST(configuration, a_factor_of_sizes_is_none_of_other_numbers) {
  EXPECT_NE(complaint_about_option("workload.length=1M").find("a whole number from 1 up accesses is expected"),
            std::string::npos);
}

TEST(configuration, a_size_of_a_file_that_lacks_its_quotation_marks_is_told_of_them) {
  EXPECT_NE(complaint_about_file("[guest]\nmemory = 4GiB  # much\n").find("quotation marks, as \"4KiB\""),
            std::string::npos);
  EXPECT_EQ(complaint_about_file("[guest]\nmemory = 4 4\n").find("quotation marks"), std::string::npos);
}

TEST(configuration, a_key_of_very_many_parts_is_refused) {
  std::string key = "core";
  for (int i = 0; i < 100'000; ++i) key += ".core";
  const std::string nested = "core = {" + key + " = 1}\n";
  for (const std::string& content : {key + " = 1\n", "[" + key + "]\n", key + " = = 1\n", nested})
    EXPECT_NE(complaint_about_file(content).find("machine.toml:1: there are more than 32 dots in this line"),
              std::string::npos);
  EXPECT_LT(complaint_about_option(key + "=1").size(), 300u);
}

TEST(configuration, a_comment_has_as_many_dots_as_it_likes) {
  EXPECT_EQ(complaint_about_file("  # " + std::string(200, '.') + "\ncore.cycle = 1\n"), "no complaint");
}

TEST(configuration, values_in_values_without_end_are_refused) {
  const std::string many(100'000, '[');
  EXPECT_NE(complaint_about_file("core = " + many + "\n").find("machine.toml:1: this is not TOML"), std::string::npos);
  std::string key = "core";
  for (int i = 0; i < 30; ++i) key += ".core";
  std::string nested = key;
  for (int i = 0; i < 240; ++i) nested += " = [\n{" + key;
  EXPECT_NE(complaint_about_file(nested).find(": this is not TOML"), std::string::npos);
}

TEST(configuration, a_key_or_value_of_any_length_makes_a_short_message) {
  const std::string length(900'000, 'a');
  EXPECT_LT(complaint_about_file(length + " = 1\n").size(), 300u);
  EXPECT_LT(complaint_about_file("dram.size = \"" + length + "\"\n").size(), 300u);
  EXPECT_LT(complaint_about_option(length).size(), 300u);
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
  EXPECT_EQ(
      complaint_about_file("dram.size = 1e9\n"),
      "machine.toml:1: dram.size = 1000000000.0: a whole number from 1MiB to 4096TiB bytes is expected; 4096, 0x1000, "
      "4K, 4KB and 4 KiB are the same size");
  EXPECT_EQ(
      complaint_about_file("dram.size = inf\n"),
      "machine.toml:1: dram.size = inf: a whole number from 1MiB to 4096TiB bytes is expected; 4096, 0x1000, 4K, 4KB "
      "and 4 KiB are the same size");
  EXPECT_EQ(complaint_about_file("mmu.physical_bits = true\n"),
            "machine.toml:1: mmu.physical_bits = true: a whole number from 36 to 52 bits is expected");
  EXPECT_EQ(complaint_about_option("mmu.physical_bits=fast"),
            "--set: mmu.physical_bits = \"fast\": a whole number from 36 to 52 bits is expected");
}

TEST(configuration, a_value_that_is_no_number_is_told_that_one_is_expected) {
  EXPECT_EQ(complaint_about_option("workload.stores=many"),
            "--set: workload.stores = \"many\": a number from 0 to 1 is expected");
}

TEST(configuration, a_workload_takes_what_is_least_and_most_of_its_keys) {
  for (const nestwalk::workload::generator_description& each : nestwalk::workload::generators()) {
    configuration c;
    const key_table table(c);
    for (const key& k : table.keys()) {
      const unsigned readers = reader::generator(each.name);
      if ((k.read_by & readers) == 0 || k.path == "workload.footprint") continue;
      std::vector<value> ends;
      if (const auto* whole = std::get_if<whole_numbers>(&k.allowed)) ends = {whole->least, whole->most};
      if (const auto* part = std::get_if<numbers>(&k.allowed)) ends = {part->least, part->most};
      const value was = k.get(readers);
      for (const value& end : ends) {
        if (k.path == "workload.touched" && end == value(0.0)) continue;  // a share above 0
        k.set(end);
        EXPECT_EQ(complaint([&] { nestwalk::workload::make_generator(each.name, c.workload); }), "no complaint")
            << k.path << " = " << written(end, k.unit);
      }
      k.set(was);
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
