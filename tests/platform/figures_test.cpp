// What a report reads of a machine's results.
#include "platforms/report/figures.h"

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platforms/report/table.h"

namespace {

using nestwalk::platforms::figures;

const nlohmann::ordered_json results = nlohmann::ordered_json::parse(R"({
  "mode": "native",
  "not_built": ["mmu.nested_tlb", "vmm"],
  "statistics": {
    "core.accesses": {"value": 12},
    "core.share": {"value": null},
    "walker.latency": {"value": {"count": 3, "median": 20}},
    "core.vmm.exits.hlt": {"value": 2}
  }
})");

TEST(figures, are_read_by_path) {
  const figures machine(results);
  EXPECT_EQ(machine.value("core.accesses"), 12);
  EXPECT_EQ(machine.value("core.share"), 0) << "not finite";
  EXPECT_EQ(machine.value("walker.latency"), 3);
  EXPECT_EQ(machine.of_histogram("walker.latency", "median"), 20);
  EXPECT_EQ(machine.names_below("core.vmm.exits."), std::vector<std::string>{"hlt"});
}

TEST(figures, of_a_part_that_is_not_built_are_zero) {
  const figures machine(results);
  EXPECT_EQ(machine.value("mmu.nested_tlb.hits"), 0);
  EXPECT_EQ(machine.of_histogram("vmm.shadow.latency", "median"), 0);
  EXPECT_TRUE(machine.names_below("vmm.exits.").empty());
}

TEST(figures, that_no_machine_has_end_the_report) {
  const figures machine(results);
  EXPECT_THROW(machine.value("core.acesses"), std::logic_error);
  EXPECT_THROW(machine.value("mmu.nested_tlb_misses"), std::logic_error);
  EXPECT_THROW(machine.of_histogram("walker.latency", "p99"), std::logic_error);
  EXPECT_THROW(machine.of_histogram("core.accesses", "median"), std::logic_error);
  EXPECT_THROW(machine.names_below("core.exits."), std::logic_error);
}

TEST(figures, that_are_gone_end_the_table_instead_of_a_row_of_zeroes) {
  std::ostringstream out;
  EXPECT_THROW(nestwalk::platforms::print_table({figures(results)}, out), std::logic_error);
}

}  // namespace
