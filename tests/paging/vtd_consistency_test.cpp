// Which capabilities a remapping unit may report together.
#include "nestwalk/paging/vtd_consistency.h"

#include <gtest/gtest.h>

#include "device_table_world.h"

namespace nestwalk::paging::vtd {
namespace {

using test::everything;

constexpr unsigned version_1_0 = 0x10;

bool begins(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

TEST(vtd_consistency, a_unit_that_can_do_everything_is_one) {
  EXPECT_EQ(contradiction_in(everything(), version_1_0), "");
  EXPECT_EQ(contradiction_in(everything(), 0x60), "");
}

TEST(vtd_consistency, each_capability_needs_those_that_it_builds_on) {
  struct {
    std::uint64_t lacks_cap;
    std::uint64_t lacks_ecap;
    const char* says;
  } const cases[] = {
      {0, ecap::fsts, "cap: bit 56 (FS1GP) needs bit 47 (FSTS) of ecap"},
      {cap::fs1gp, ecap::fsts, "cap: bit 60 (FS5LP) needs bit 47 (FSTS) of ecap"},
      {cap::sslps_2m, 0, "cap: bit 35 (SSLPS, 1-GByte pages) needs bit 34"},
      {0, ecap::qi, "ecap: bit 43 (SMTS) needs bit 1 (QI); set that, or clear the former"},
      {0, ecap::smts, "ecap: bit 25 (MTS) needs bit 43 (SMTS)"},
      {0, ecap::ssts, "ecap: bit 26 (NEST) needs bit 46 (SSTS)"},
      {0, ecap::smpwcs, "ecap: bit 34 (EAFS) needs bit 48 (SMPWCS)"},
      {0, ecap::srs, "ecap: bit 53 (RPRIVS) needs bit 31 (SRS)"},
  };
  for (const auto& c : cases) {
    unit_capabilities u = everything();
    u.cap &= ~c.lacks_cap;
    u.ecap &= ~c.lacks_ecap;
    EXPECT_TRUE(begins(contradiction_in(u, version_1_0), c.says)) << contradiction_in(u, version_1_0);
  }
}

// Everything, with one field of CAP or ECAP another.
std::string with_cap(std::uint64_t mask, std::uint64_t value) {
  unit_capabilities u = everything();
  u.cap = (u.cap & ~mask) | value;
  return contradiction_in(u, version_1_0);
}
std::string with_ecap(std::uint64_t mask, std::uint64_t value, unsigned version = version_1_0) {
  unit_capabilities u = everything();
  u.ecap = (u.ecap & ~mask) | value;
  return contradiction_in(u, version);
}

TEST(vtd_consistency, a_value_that_is_none_is_told) {
  EXPECT_TRUE(begins(with_cap(7, 7), "cap: bits 2:0 (ND)"));
  EXPECT_TRUE(begins(with_cap(0, cap::rwbf), "cap: bit 4 (RWBF)"));
  EXPECT_TRUE(begins(with_cap(std::uint64_t{31} << cap::sagaw, 0), "cap: bits 12:8 (SAGAW)"));
  EXPECT_TRUE(begins(with_cap(std::uint64_t{63} << cap::mgaw, std::uint64_t{44} << cap::mgaw),
                     "cap: bits 21:16 (MGAW) say 45 bits of guest address, fewer than the 46"));
  EXPECT_TRUE(begins(with_ecap(std::uint64_t{31} << ecap::pss, std::uint64_t{20} << ecap::pss), "ecap: bits 39:35"));
}

TEST(vtd_consistency, registers_do_not_stand_on_others) {
  constexpr std::uint64_t fro = std::uint64_t{0x3ff} << cap::fro;
  constexpr std::uint64_t iro = std::uint64_t{0x3ff} << ecap::iro;
  EXPECT_TRUE(begins(with_cap(fro, 0), "cap: the fault records, at 0x0 by bits 33:24 (FRO)"));
  EXPECT_TRUE(begins(with_cap(fro, std::uint64_t{0xb} << cap::fro), "cap: the fault records, at 0xb0"));
  EXPECT_EQ(with_cap(fro, std::uint64_t{0xc} << cap::fro), "");
  EXPECT_TRUE(begins(with_ecap(iro, 0), "ecap: the IOTLB registers, at 0x0 by bits 17:8 (IRO)"));
  EXPECT_TRUE(
      begins(with_ecap(iro, std::uint64_t{0x22} << ecap::iro),
             "ecap: the IOTLB registers, at 0x220 by bits 17:8 (IRO), stand on the fault records, 0x220 to 0x22f"));
  EXPECT_EQ(with_ecap(iro, std::uint64_t{0x23} << ecap::iro), "");
}

TEST(vtd_consistency, from_version_6_on_there_must_be_a_queue) {
  unit_capabilities u;
  u.cap = std::uint64_t{2} << cap::sagaw | std::uint64_t{47} << cap::mgaw | std::uint64_t{0x22} << cap::fro;
  u.ecap = std::uint64_t{0xf} << ecap::iro;
  EXPECT_EQ(contradiction_in(u, 0x50), "");
  EXPECT_TRUE(begins(contradiction_in(u, 0x60), "ecap: from version 6.0 on only the queue invalidates"));
}

}  // namespace
}  // namespace nestwalk::paging::vtd
