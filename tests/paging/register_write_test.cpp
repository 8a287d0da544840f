// Register writes that are a #GP(0), by the manual's rules.
#include "nestwalk/paging/register_write.h"

#include <gtest/gtest.h>

namespace nestwalk::paging {
namespace {

paging_registers long_mode() {
  paging_registers r;
  r.cr0 = cr0::pe | cr0::pg | cr0::wp;
  r.cr4 = cr4::pae | cr4::pge;
  r.efer = efer::lme | efer::lma | efer::nxe;
  r.cr3 = 0x1000;
  return r;
}

TEST(register_write, paging_needs_protection_and_in_long_mode_pae) {
  paging_registers r;
  EXPECT_TRUE(refuses_cr0(r, cr0::pg));
  EXPECT_FALSE(refuses_cr0(r, cr0::pg | cr0::pe));
  r.efer = efer::lme;
  EXPECT_TRUE(refuses_cr0(r, cr0::pg | cr0::pe));
  r.cr4 = cr4::pae;
  EXPECT_FALSE(refuses_cr0(r, cr0::pg | cr0::pe));
  EXPECT_TRUE(refuses_cr0(r, std::uint64_t{1} << 32));
}

TEST(register_write, paging_stays_on_while_pcids_are) {
  paging_registers r = long_mode();
  EXPECT_FALSE(refuses_cr0(r, cr0::pe));
  r.cr4 |= cr4::pcide;
  EXPECT_TRUE(refuses_cr0(r, cr0::pe));
}

TEST(register_write, cr3_has_no_bits_beyond_the_physical_width) {
  capabilities processor;
  processor.physical_bits = 40;
  paging_registers r = long_mode();
  EXPECT_FALSE(refuses_cr3(r, (std::uint64_t{1} << 39) | 5, processor));
  EXPECT_TRUE(refuses_cr3(r, std::uint64_t{1} << 40, processor));
}

TEST(register_write, bit_63_of_cr3_is_reserved_without_pcids) {
  paging_registers r = long_mode();
  EXPECT_TRUE(refuses_cr3(r, cr3::no_flush | 0x1000, {}));
  r.cr4 |= cr4::pcide;
  EXPECT_FALSE(refuses_cr3(r, cr3::no_flush | 0x1000, {}));
}

TEST(register_write, long_mode_holds_pae_and_the_number_of_levels) {
  const paging_registers r = long_mode();
  EXPECT_TRUE(refuses_cr4(r, cr4::pge, {}));
  EXPECT_TRUE(refuses_cr4(r, r.cr4 | cr4::la57, {}));
  EXPECT_FALSE(refuses_cr4(r, r.cr4 | cr4::smep | cr4::smap, {}));
}

TEST(register_write, pcids_begin_in_long_mode_with_pcid_0) {
  paging_registers r = long_mode();
  EXPECT_FALSE(refuses_cr4(r, r.cr4 | cr4::pcide, {}));
  r.cr3 |= 7;
  EXPECT_TRUE(refuses_cr4(r, r.cr4 | cr4::pcide, {}));
  EXPECT_TRUE(refuses_cr4(paging_registers{}, cr4::pcide, {}));
}

TEST(register_write, amd_has_no_vmxe_no_smxe_and_no_supervisor_keys) {
  capabilities amd;
  amd.maker = vendor::amd;
  const paging_registers r = long_mode();
  for (const std::uint64_t bit : {cr4::vmxe, cr4::smxe, cr4::pks}) {
    EXPECT_FALSE(refuses_cr4(r, r.cr4 | bit, {}));
    EXPECT_TRUE(refuses_cr4(r, r.cr4 | bit, amd));
  }
  EXPECT_FALSE(refuses_cr4(r, r.cr4 | cr4::pke | cr4::pcide, amd));
  EXPECT_FALSE(refuses_pkrs(4, {}));
  EXPECT_TRUE(refuses_pkrs(4, amd));
}

TEST(register_write, lme_stays_as_it_is_while_paging_is_on) {
  paging_registers r = long_mode();
  EXPECT_TRUE(refuses_efer(r, efer::nxe));
  EXPECT_FALSE(refuses_efer(r, efer::lme));
  EXPECT_TRUE(refuses_efer(r, r.efer | std::uint64_t{1} << 40));
  r.cr0 = cr0::pe;
  EXPECT_FALSE(refuses_efer(r, efer::nxe));
}

TEST(register_write, lma_is_lme_while_paging_is_on) {
  EXPECT_EQ(efer_with_lma(efer::lme, cr0::pe | cr0::pg), efer::lme | efer::lma);
  EXPECT_EQ(efer_with_lma(efer::lme | efer::lma, cr0::pe), std::uint64_t{efer::lme});
  EXPECT_EQ(efer_with_lma(efer::nxe, cr0::pg), std::uint64_t{efer::nxe});
}

}  // namespace
}  // namespace nestwalk::paging
