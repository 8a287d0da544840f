// A machine as a library: what benchmarks and other programs build on.
#include "platforms/machine.h"

#include <gtest/gtest.h>

#include "nestwalk/workload/make_generator.h"

namespace {

using namespace nestwalk;
using platforms::configuration;
using platforms::machine;
using platforms::machine_mode;

std::unique_ptr<workload::source> short_gups() {
  workload::generator_settings settings;
  settings.gups.footprint = 1 << 20;
  settings.gups.length = 5000;
  return workload::make_generator("gups", settings);
}

class a_machine : public testing::TestWithParam<machine_mode> {};

TEST_P(a_machine, runs_a_source_and_counts) {
  configuration c;
  c.checks.protocol_monitors = true;
  machine m(c, GetParam());
  const auto source = short_gups();
  cpu::program what;
  what.operations = source.get();
  m.run(what);
  EXPECT_EQ(m.core().state(), cpu::core_state::finished);
  EXPECT_EQ(m.statistics().value("core.accesses"), 5000);
  EXPECT_GT(m.statistics().value("core.cycles"), 5000);
  EXPECT_GT(m.statistics().value("translation_share"), 0);
  EXPECT_LT(m.statistics().value("translation_share"), 1);
  EXPECT_TRUE(m.protocol_violations().empty());
  EXPECT_EQ(m.digest().size(), 32u);
}

INSTANTIATE_TEST_SUITE_P(of_each, a_machine, testing::ValuesIn(platforms::all_modes),
                         [](const auto& info) { return platforms::name_of(info.param); });

TEST(machine, without_any_cache_reads_tables_from_the_dram) {
  configuration c;
  c.caches.l1i.size = c.caches.l1d.size = c.caches.l2.size = c.caches.llc.size = 0;
  machine m(c, machine_mode::nested);
  const auto source = short_gups();
  cpu::program what;
  what.operations = source.get();
  m.run(what);
  const double all = m.statistics().value("mmu.guest_walker.reads");
  EXPECT_GT(all, 0);
  EXPECT_EQ(m.statistics().value("mmu.guest_walker.reads_by_server.l1"), 0);
}

TEST(machine, table_reads_enter_where_the_configuration_says) {
  configuration c;
  c.caches.table_reads = platforms::table_entry_level::llc;
  machine m(c, machine_mode::native);
  const auto source = short_gups();
  cpu::program what;
  what.operations = source.get();
  m.run(what);
  EXPECT_EQ(m.statistics().value("mmu.guest_walker.reads_by_server.l1"), 0);
  EXPECT_EQ(m.statistics().value("mmu.guest_walker.reads_by_server.l2"), 0);
  EXPECT_GT(m.statistics().value("mmu.guest_walker.reads_by_server.llc"), 0);
}

}  // namespace
