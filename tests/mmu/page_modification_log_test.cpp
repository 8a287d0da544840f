// Page-modification logging as a VMM sees it: controls, VM entry, full exits, and the log in memory.
#include <set>

#include <gtest/gtest.h>

#include "mmu_machine.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::test {
namespace {

constexpr std::uint64_t page_gva = 0x7f12'3456'7000;
constexpr std::uint64_t page_gpa = 0x1'2345'6000;
constexpr std::uint64_t log_at = 0x30'0000'0000;
namespace ept = paging::ept_entry;

two_stage_tables::config with_flags() {
  two_stage_tables::config c;
  c.ept_accessed_dirty = true;
  return c;
}

struct logging_mmu : mmu_machine {
  logging_mmu() : mmu_machine(with_flags()) {}

  /// Maps the page, all of whose flags are set but the nested leaf's dirty one.
  void map_clean(std::uint64_t gva = page_gva, std::uint64_t gpa = page_gpa) {
    tables.map(gva, gpa);
    tables.nested.clear_flags(gpa, 1, ept::d);
  }
  void log_from(std::uint16_t index) {
    protocol::translation_controls c = tables.controls();
    c.ept.page_modification_logging = true;
    c.ept.log_address = log_at;
    c.ept.log_index = index;
    enter(c);
  }
  std::uint16_t index() { return core.control->page_modification_log_index(); }
  std::uint64_t record(unsigned at) { return tables_in(memory).read(log_at + at * 8); }
  bool dirty(std::uint64_t gpa = page_gpa) { return (tables.nested.read_entry(gpa, 1) & ept::d) != 0; }
};

TEST(mmu_page_modification_log, records_a_store_once_and_gives_the_index_back) {
  logging_mmu m;
  m.map_clean();
  m.log_from(511);
  ASSERT_TRUE(m.core.store(page_gva + 0x238, 1));
  ASSERT_TRUE(m.core.store(page_gva + 0x240, 2));
  EXPECT_EQ(m.record(511), page_gpa);
  EXPECT_EQ(m.index(), 510u);
  EXPECT_EQ(m.mmu.parts().second_stage_walker->counts().pages_logged, 1u);
}
TEST(mmu_page_modification_log, records_a_store_after_a_load_has_filled_the_tlbs) {
  logging_mmu m;
  m.map_clean();
  m.log_from(511);
  ASSERT_TRUE(m.core.load(page_gva));
  EXPECT_EQ(m.index(), 511u);
  ASSERT_TRUE(m.core.store(page_gva, 1));
  EXPECT_EQ(m.record(511), page_gpa);
}
TEST(mmu_page_modification_log, records_the_guests_tables_which_the_walker_dirties) {
  logging_mmu m;
  m.map_clean();
  std::set<std::uint64_t> tables;
  for (unsigned level = 1; level <= 4; ++level) {
    const std::uint64_t page = m.tables.guest.entry_address(page_gva, level) & ~std::uint64_t{0xfff};
    m.tables.nested.clear_flags(page, 1, ept::d);
    tables.insert(page);
  }
  m.log_from(511);
  ASSERT_TRUE(m.core.load(page_gva));
  std::set<std::uint64_t> recorded;
  for (unsigned i = 511; i > m.index(); --i) recorded.insert(m.record(i));
  EXPECT_EQ(recorded, tables);
  EXPECT_FALSE(m.dirty());
}
TEST(mmu_page_modification_log, when_full_faults_and_the_store_is_done_once_the_vmm_has_emptied_it) {
  logging_mmu m;
  m.map_clean(page_gva, page_gpa);
  m.map_clean(page_gva + 0x1000, page_gpa + 0x1000);
  m.log_from(0);
  ASSERT_TRUE(m.core.store(page_gva, 1));
  EXPECT_EQ(m.index(), 0xffffu);
  ASSERT_FALSE(m.core.store(page_gva + 0x1000, 2));
  EXPECT_EQ(m.core.fault.kind, fault_kind::page_modification_log_full);
  EXPECT_EQ(m.mmu.data_counts().faults[static_cast<unsigned>(fault_kind::page_modification_log_full)], 1u);
  EXPECT_FALSE(m.dirty(page_gpa + 0x1000));
  EXPECT_NE(tables_in(m.memory).read(m.hpa(page_gpa + 0x1000)), 2u);
  m.log_from(511);
  ASSERT_TRUE(m.core.store(page_gva + 0x1000, 2));
  EXPECT_EQ(m.record(0), page_gpa);
  EXPECT_EQ(m.record(511), page_gpa + 0x1000);
  EXPECT_EQ(tables_in(m.memory).read(m.hpa(page_gpa + 0x1000)), 2u);
}
TEST(mmu_page_modification_log, when_full_stops_the_second_page_of_a_crossing_store_and_nothing_is_stored) {
  logging_mmu m;
  m.map_clean(page_gva, page_gpa);
  m.map_clean(page_gva + 0x1000, page_gpa + 0x1000);
  m.log_from(0);
  EXPECT_FALSE(m.core.store(page_gva + 0xffc, ~std::uint64_t{0}));
  EXPECT_EQ(m.core.fault.kind, fault_kind::page_modification_log_full);
  EXPECT_EQ(tables_in(m.memory).read(m.hpa(page_gpa + 0xff8)), 0u);
  m.log_from(511);
  EXPECT_TRUE(m.core.store(page_gva + 0xffc, ~std::uint64_t{0}));
}
TEST(mmu_page_modification_log, keeps_its_index_over_vm_entries_that_load_no_controls) {
  logging_mmu m;
  m.map_clean();
  m.log_from(300);
  ASSERT_TRUE(m.core.store(page_gva, 1));
  sc_core::sc_time spent;
  m.core.control->vm_exit(spent);
  m.core.control->vm_entry(paging::tlb_control::nothing, spent);
  EXPECT_EQ(m.index(), 299u);
}
TEST(mmu_page_modification_log, off_again_records_nothing) {
  logging_mmu m;
  m.map_clean();
  m.log_from(0xffff);
  m.enter(m.tables.controls());
  EXPECT_TRUE(m.core.store(page_gva, 1));
  EXPECT_TRUE(m.dirty());
}
TEST(mmu_page_modification_log, full_or_not_is_nothing_to_debug_transport_nor_is_it_recorded) {
  logging_mmu m;
  m.map_clean();
  m.log_from(0xffff);
  std::uint64_t bytes = 5;
  EXPECT_EQ(m.core.debug_write(page_gva, &bytes, 8), 8u);
  EXPECT_EQ(m.index(), 0xffffu);
  EXPECT_FALSE(m.dirty());
}
TEST(mmu_page_modification_log, grants_no_direct_writes_of_a_page_that_is_yet_to_be_recorded) {
  logging_mmu m;
  m.memory.grants_dmi = true;
  m.map_clean();
  m.log_from(511);
  tlm::tlm_dmi grant;
  m.core.dmi(page_gva, /*write=*/true, grant);
  EXPECT_FALSE(grant.is_write_allowed());
  ASSERT_TRUE(m.core.store(page_gva, 1));
  ASSERT_TRUE(m.core.dmi(page_gva, /*write=*/true, grant));
  EXPECT_TRUE(grant.is_write_allowed());
}

// SDM vol. 3, 26.2.1.1.
struct refused_log {
  const char* name;
  std::uint64_t address;
  bool nested;
  paging::nested_kind format;
  friend void PrintTo(const refused_log& r, std::ostream* out) { *out << r.name; }
};
class refused_logs : public testing::TestWithParam<refused_log> {};
TEST_P(refused_logs, by_vm_entry) {
  logging_mmu m;
  protocol::translation_controls c = m.tables.controls();
  c.nested_paging = GetParam().nested;
  c.format = GetParam().format;
  c.ept.page_modification_logging = true;
  c.ept.log_address = GetParam().address;
  sc_core::sc_time spent;
  EXPECT_THROW(m.core.control->load_controls(c, spent), input_error);
}
INSTANTIATE_TEST_SUITE_P(checks, refused_logs,
                         testing::Values(refused_log{"unaligned", log_at + 8, true, paging::nested_kind::ept},
                                         refused_log{"beyond_the_width", std::uint64_t{1} << 46, true,
                                                     paging::nested_kind::ept},
                                         refused_log{"without_ept", log_at, false, paging::nested_kind::ept},
                                         refused_log{"under_npt", log_at, true, paging::nested_kind::npt}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace nestwalk::test
