// Registers of the remapping unit: reset values, and which bits software reads, writes and clears.
#include "nestwalk/iommu/register_file.h"

#include <gtest/gtest.h>

#include "paging/device_table_world.h"

namespace nestwalk::iommu {
namespace {

using test::everything;
namespace cap = paging::vtd::cap;
namespace ecap = paging::vtd::ecap;
constexpr unsigned version_1_0 = 0x10;

void write(register_file& r, std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  r.write(offset, bytes, value, [](const register_file::touched&) {});
}

TEST(unit_registers, hold_their_reset_values) {
  const register_file r(everything(), version_1_0);
  EXPECT_EQ(r.read(0x00, 4), 0x10u);
  EXPECT_EQ(r.read(0x08, 8), everything().cap);
  EXPECT_EQ(r.read(0x10, 8), everything().ecap);
  EXPECT_EQ(r.read(0x38, 4), 0x80000000u);
  EXPECT_EQ(r.read(0xa0, 4), 0x80000000u);
  for (const std::uint32_t offset : {0x18u, 0x1cu, 0x34u, 0x3cu, 0x64u, 0x9cu}) EXPECT_EQ(r.read(offset, 4), 0u);
  for (const std::uint32_t offset : {0x20u, 0x28u, 0x80u, 0x88u, 0x90u, 0xb0u, 0x220u, 0x228u})
    EXPECT_EQ(r.read(offset, 8), 0u);
}

// What sticks of all ones, and of what is written over the reset value.
TEST(unit_registers, keep_the_bits_that_software_may_write) {
  struct {
    std::uint32_t offset;
    unsigned bytes;
    std::uint64_t reads;
  } const cases[] = {
      {0x00, 4, 0x10},
      {0x08, 8, everything().cap},
      {0x18, 4, 0},
      {0x1c, 4, 0},
      {0x20, 8, 0x3fff'ffff'fc00},
      {0x28, 8, 0xe000'0000'0000'ffff},
      {0x34, 4, 0},
      {0x38, 4, 0x80000000},
      {0x3c, 4, 0xffff},
      {0x40, 4, 0xfffffffc},
      {0x44, 4, 0xffffffff},
      {0x64, 4, 0},
      {0x80, 8, 0},
      {0x88, 8, 0x7fff0},
      {0x90, 8, 0x3fff'ffff'f807},
      {0x9c, 4, 0},
      {0xb0, 8, 0},
      {0xf0, 8, 0},
      {0xf8, 8, 0xb003'ffff'0000'0000},
      {0x220, 8, 0},
      {0x228, 8, 0},
      {0x300, 8, 0},
  };
  for (const auto& c : cases) {
    register_file r(everything(), version_1_0);
    write(r, c.offset, c.bytes, ~std::uint64_t{0});
    EXPECT_EQ(r.read(c.offset, c.bytes), c.reads) << std::hex << c.offset;
  }
}

TEST(unit_registers, a_register_of_64_bits_may_be_written_by_halves) {
  register_file r(everything(), version_1_0);
  write(r, 0x24, 4, 0x1234);
  write(r, 0x20, 4, 0x56789000);
  EXPECT_EQ(r.read(0x20, 8), 0x1234'5678'9000u);
  EXPECT_EQ(r.read(0x24, 4), 0x1234u);
}

TEST(unit_registers, one_write_may_cover_two_registers) {
  register_file r(everything(), version_1_0);
  std::vector<unsigned> seen;
  r.write(0x40, 8, 0x1'fee00000, [&](const register_file::touched& t) { seen.push_back(t.index); });
  EXPECT_EQ(r.read(0x40, 8), 0x1'fee00000u);
  EXPECT_EQ(seen, (std::vector<unsigned>{static_cast<unsigned>(unit_register::feaddr),
                                         static_cast<unsigned>(unit_register::feuaddr)}));
}

TEST(unit_registers, a_written_1_clears_a_status_bit_and_0_keeps_it) {
  register_file r(everything(), version_1_0);
  r.set(unit_register::fsts, fsts::pfo | fsts::ppf | fsts::iqe);
  write(r, 0x34, 4, fsts::pfo | fsts::ppf);
  EXPECT_EQ(r.read(0x34, 4), fsts::ppf | fsts::iqe);
  r.set(record_register(0, 1), fault_record::f | 5);
  write(r, 0x228, 4, 0xffffffff);
  EXPECT_EQ(r.read(0x228, 8), fault_record::f | 5);
  write(r, 0x22c, 4, 0x80000000);
  EXPECT_EQ(r.read(0x228, 8), 5u);
}

TEST(unit_registers, what_is_not_advertised_reads_0) {
  paging::vtd::unit_capabilities unit = everything();
  unit.ecap &= ~(ecap::smts | ecap::adms);
  register_file legacy(unit, version_1_0);
  write(legacy, 0x20, 8, ~std::uint64_t{0});
  EXPECT_EQ(legacy.read(0x20, 8), 0x3fff'ffff'fc00u);  // a table mode that requests then fault by
  write(legacy, 0x90, 8, ~std::uint64_t{0});
  EXPECT_EQ(legacy.read(0x90, 8), 0x3fff'ffff'f807u);  // a width that the queue then refuses
  unit.ecap &= ~ecap::qi;
  register_file no_queue(unit, version_1_0);
  EXPECT_EQ(no_queue.read(0xa0, 4), 0u);
  write(no_queue, 0x88, 8, ~std::uint64_t{0});
  EXPECT_EQ(no_queue.read(0x88, 8), 0u);
}

TEST(unit_registers, protected_memory_exists_where_it_is_advertised) {
  paging::vtd::unit_capabilities unit = everything();
  unit.cap |= cap::plmr | cap::phmr;
  register_file r(unit, version_1_0);
  write(r, 0x64, 4, 0xffffffff);
  EXPECT_EQ(r.read(0x64, 4), pmen::epm);
  write(r, 0x68, 4, 0xffffffff);
  EXPECT_EQ(r.read(0x68, 4), 0xfff00000u);
  write(r, 0x70, 8, ~std::uint64_t{0});
  EXPECT_EQ(r.read(0x70, 8), 0x3fff'fff0'0000u);
}

TEST(unit_registers, version_6_has_no_commands_in_registers) {
  register_file r(everything(), 0x60);
  write(r, 0x28, 8, ~std::uint64_t{0});
  write(r, 0xf8, 8, ~std::uint64_t{0});
  EXPECT_EQ(r.read(0x28, 8), 0u);
  EXPECT_EQ(r.read(0xf8, 8), 0u);
}

TEST(unit_registers, each_fault_record_is_two_registers) {
  paging::vtd::unit_capabilities unit = everything();
  unit.cap |= std::uint64_t{3} << cap::nfr;
  register_file r(unit, version_1_0);
  r.set(record_register(3, 0), 0x7000);
  r.set(record_register(3, 1), fault_record::f | 9);
  EXPECT_EQ(r.read(0x220 + 3 * 16, 8), 0x7000u);
  EXPECT_EQ(r.read(0x228 + 3 * 16, 8), fault_record::f | 9);
}

}  // namespace
}  // namespace nestwalk::iommu
