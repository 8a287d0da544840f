// What a format prepares so that walks do less says the same as its rules.
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/paging/format.h"

namespace {

namespace paging = nestwalk::paging;
using paging::format;

constexpr std::uint32_t seed = 7041776;

/// Every format that the registers and EPTPs select, for machines that differ in what they reserve.
std::vector<format> all_formats() {
  std::vector<format> all;
  for (const paging::vendor maker : {paging::vendor::intel, paging::vendor::amd}) {
    for (const bool able : {false, true}) {
      const paging::capabilities processor{maker, able ? 52U : 39U, able, able};
      paging::paging_registers r;
      r.cr0 = paging::cr0::pg | paging::cr0::pe;
      for (const std::uint64_t pse : {std::uint64_t{0}, paging::cr4::pse}) {
        r.cr4 = pse;
        all.push_back(paging::x86_format(r, processor));
      }
      for (const std::uint64_t nxe : {std::uint64_t{0}, paging::efer::nxe}) {
        r.cr4 = paging::cr4::pae;
        r.efer = nxe;
        all.push_back(paging::x86_format(r, processor));
        r.efer |= paging::efer::lme | paging::efer::lma;
        all.push_back(paging::x86_format(r, processor));
        r.cr4 |= paging::cr4::la57;
        all.push_back(paging::x86_format(r, processor));
      }
      for (const std::uint64_t levels : {3U, 4U})
        for (const bool by_mode : {false, true})
          all.push_back(paging::ept_format(levels << 3 | paging::eptp::accessed_dirty, by_mode, processor));
    }
  }
  return all;
}

TEST(plain_entry, is_a_well_formed_reference_to_a_table_by_the_rules) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uint64_t plain = 0;
  for (const format& f : all_formats()) {
    for (unsigned level = 1; level <= f.levels; ++level) {
      const paging::level_format& l = f.level[level];
      for (unsigned i = 0; i < 20000; ++i) {
        // Mostly near a plain entry: a few bits turned, so that both answers come up.
        std::uint64_t entry = random();
        if (i % 4 != 0) entry = (entry & ~l.plain_mask) | l.plain_bits;
        if (i % 4 == 2) entry ^= std::uint64_t{1} << (random() % 64);
        if ((entry & l.plain_mask) != l.plain_bits) continue;
        ++plain;
        ASSERT_NE(entry & f.present, 0U) << std::hex << entry;
        ASSERT_FALSE(f.is_leaf(entry, level)) << std::hex << entry;
        ASSERT_FALSE(f.malformed(entry, level, false)) << std::hex << entry;
      }
    }
  }
  EXPECT_GT(plain, 100000U);
}

TEST(plain_entry, is_what_an_ordinary_table_entry_is) {
  for (const format& f : all_formats())
    for (unsigned level = 2; level <= f.levels; ++level)
      EXPECT_EQ((0x12345000U | (f.present & 7)) & f.level[level].plain_mask, f.level[level].plain_bits);
}

TEST(plain_entry, offsets_are_those_of_the_index) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (const format& f : all_formats()) {
    for (unsigned level = 1; level <= f.levels; ++level) {
      const paging::level_format& l = f.level[level];
      for (unsigned i = 0; i < 1000; ++i) {
        const std::uint64_t in = random();
        ASSERT_EQ((in >> l.slot_shift) & l.slot_mask, ((in >> l.shift) & l.index_mask) << f.entry_log2);
      }
    }
  }
}

}  // namespace
