// Table formats are data: RISC-V's Sv39 and Sv39x4 (Privileged Architecture, 12.4 and 18.5), which the product does not
// have, walk by the same step machine. Only what the tables say is shown; how RISC-V reports faults is not.
#include <gtest/gtest.h>

#include "flat_memory.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::paging {
namespace {

using test::flat_memory;

namespace pte {
constexpr std::uint64_t v = 1 << 0;
constexpr std::uint64_t r = 1 << 1;
constexpr std::uint64_t w = 1 << 2;
constexpr std::uint64_t x = 1 << 3;
constexpr std::uint64_t u = 1 << 4;
constexpr std::uint64_t g = 1 << 5;
constexpr std::uint64_t a = 1 << 6;
constexpr std::uint64_t d = 1 << 7;
}  // namespace pte

std::uint64_t entry(std::uint64_t address, std::uint64_t flags) {
  return address >> 12 << 10 | flags;
}

// What both stages share: V, R/W/X and A/D in leaves alone, a page number of 44 bits from bit 10 on.
format sv39_entries() {
  constexpr std::uint64_t high = ~std::uint64_t{0} << 54;  // reserved, N and PBMT: extensions that are not there
  format f;
  f.levels = 3;
  f.present = pte::v;
  f.accessed = pte::a;
  f.dirty = pte::d;
  f.address = (std::uint64_t{1} << 54) - (1 << 10);
  f.address_shift = 2;
  for (unsigned level = 1; level <= 3; ++level) {
    level_format& l = f.level[level];
    l.shift = static_cast<std::uint8_t>(12 + 9 * (level - 1));
    l.index_mask = 511;
    l.silent = ~std::uint64_t{0};
    l.leaf_bits = pte::r | pte::w | pte::x;
    l.reserved_table = high | pte::u | pte::a | pte::d;
    l.reserved_leaf = high | ((std::uint64_t{1} << (l.shift - 2)) - (1 << 10));  // a large page is aligned
  }
  f.level[1].reserved_table = ~std::uint64_t{0};  // the lowest level refers to no table
  for (unsigned low = 0; low < 64; ++low)         // W without R is reserved
    if ((low & pte::w) != 0 && (low & pte::r) == 0)
      for (auto& half : f.misconfigured_leaf) half |= std::uint64_t{1} << low;
  return f;
}

guest_stage sv39(std::uint64_t root) {
  guest_stage s;
  s.format = sv39_entries();
  s.format.input_bits = 39;
  s.format.global = pte::g;
  s.format.gives = rights_by(1, 15, 63, [](unsigned rwxu, bool) {
    return rights::nested_mask | ((rwxu & 2) != 0 ? rights::writable : 0) | ((rwxu & 4) != 0 ? rights::executable : 0) |
           ((rwxu & 8) != 0 ? rights::user : 0);
  });
  s.format = prepared(s.format);
  s.linear_bits = 39;
  s.root = gpa(root);
  rights_policy::controls c;
  c.write_protect = true;
  c.supervisor_execute_prevention = true;
  s.policy = rights_policy(c);
  return s;
}

nested_stage sv39x4(std::uint64_t root) {
  nested_stage s;
  s.format = sv39_entries();
  s.format.input_bits = 41;
  s.format.level[3].index_mask = 2047;  // a root of 16 KBytes
  s.format.gives = rights_by(1, 15, 63, [](unsigned rwxu, bool) {
    if ((rwxu & 8) == 0) return rights::guest_mask;  // every access counts as a user access
    return rights::guest_mask | ((rwxu & 1) != 0 ? rights::nested_read : 0) |
           ((rwxu & 2) != 0 ? rights::nested_write : 0) |
           ((rwxu & 4) != 0 ? rights::nested_execute | rights::nested_execute_user : 0);
  });
  s.format = prepared(s.format);
  s.root = hpa(root);
  return s;
}

struct riscv_tables {
  domain d;
  flat_memory memory;

  explicit riscv_tables(std::uint64_t leaf_flags = pte::v | pte::r | pte::w | pte::u | pte::a | pte::d) {
    d.guest = sv39(0x1000);
    memory.qwords = {{0x1000 + 8 * 5, entry(0x2000, pte::v)},
                     {0x2000 + 8 * 6, entry(0x3000, pte::v)},
                     {0x3000 + 8 * 7, entry(0x9000, leaf_flags)}};
  }
  outcome load(access_type type = access_type::read) {
    return two_stage_walk<flat_memory>(d, memory).translate(gva(5ull << 30 | 6ull << 21 | 7ull << 12 | 0x234),
                                                            {type, access_mode::user});
  }
};

TEST(riscv_format, a_page_is_found_by_three_levels) {
  riscv_tables t;
  EXPECT_EQ(t.load().output.value, 0x9234u);
  EXPECT_EQ(t.memory.reads.size(), 3u);
}

TEST(riscv_format, an_entry_with_rights_above_the_lowest_level_maps_a_large_page) {
  riscv_tables t;
  t.memory.qwords[0x2000 + 8 * 6] = entry(0x40000000, pte::v | pte::r | pte::u | pte::a);
  const outcome o = t.load();
  EXPECT_EQ(o.output.value, 0x40007234u);
  EXPECT_EQ(o.page.guest_size_log2, page_2m);
}

TEST(riscv_format, a_large_page_that_is_not_aligned_is_malformed) {
  riscv_tables t;
  t.memory.qwords[0x2000 + 8 * 6] = entry(0x40001000, pte::v | pte::r | pte::u | pte::a);
  EXPECT_EQ(t.load().failure.cause, walk_cause::malformed);
}

TEST(riscv_format, write_without_read_and_bits_beyond_the_address_are_malformed) {
  riscv_tables t(pte::v | pte::w | pte::u | pte::a | pte::d);
  EXPECT_EQ(t.load().failure.cause, walk_cause::malformed);
  riscv_tables wide(pte::v | pte::r | pte::u | pte::a | std::uint64_t{1} << 60);
  EXPECT_EQ(wide.load().failure.cause, walk_cause::malformed);
}

TEST(riscv_format, the_lowest_level_refers_to_no_table) {
  riscv_tables t(pte::v);
  EXPECT_EQ(t.load().failure.cause, walk_cause::malformed);
}

TEST(riscv_format, rights_are_those_of_the_leaf) {
  riscv_tables t(pte::v | pte::r | pte::u | pte::a);
  EXPECT_TRUE(t.load().mapped());
  EXPECT_EQ(t.load(access_type::write).failure.cause, walk_cause::forbidden);
  EXPECT_EQ(t.load(access_type::fetch).failure.cause, walk_cause::forbidden);
}

TEST(riscv_format, flags_are_set_in_the_leaf_alone) {
  riscv_tables t(pte::v | pte::r | pte::w | pte::u);
  EXPECT_TRUE(t.load(access_type::write).mapped());
  EXPECT_EQ(t.memory.exchanges, std::vector<std::uint64_t>{0x3000 + 8 * 7});
  EXPECT_EQ(t.memory.qwords[0x3000 + 8 * 7], entry(0x9000, pte::v | pte::r | pte::w | pte::u | pte::a | pte::d));
}

TEST(riscv_format, addresses_are_sign_extended_from_39_bits) {
  riscv_tables t;
  two_stage_walk<flat_memory> walk(t.d, t.memory);
  EXPECT_EQ(walk.translate(gva(0x0000'0080'0000'0000), {}).failure.kind, fault_kind::general_protection);
  EXPECT_EQ(walk.translate(gva(0xffff'ffc0'0000'0000), {}).failure.kind, fault_kind::page_fault);
}

// Guest tables and data lie at guest-physical addresses above 2^39, which only the wider root reaches.
TEST(riscv_format, a_second_stage_has_a_root_of_2048_entries) {
  constexpr std::uint64_t far = 1ull << 40;
  riscv_tables t;
  t.d.guest = sv39(far + 0x1000);
  t.d.nested = sv39x4(0x10000);
  t.d.nested_on = true;
  const std::uint64_t leaf = pte::v | pte::r | pte::w | pte::u | pte::a | pte::d;
  t.memory.qwords = {{0x10000 + 8 * 1024, entry(0x20000, pte::v)},   {0x20000, entry(0x30000, pte::v)},
                     {0x30000 + 8 * 1, entry(0x51000, leaf)},        {0x30000 + 8 * 2, entry(0x52000, leaf)},
                     {0x30000 + 8 * 3, entry(0x53000, leaf)},        {0x30000 + 8 * 9, entry(0x59000, leaf)},
                     {0x51000 + 8 * 5, entry(far + 0x2000, pte::v)}, {0x52000 + 8 * 6, entry(far + 0x3000, pte::v)},
                     {0x53000 + 8 * 7, entry(far + 0x9000, leaf)}};
  const outcome o = t.load();
  EXPECT_EQ(o.output.value, 0x59234u);
  EXPECT_EQ(t.memory.reads.size(), 15u);
}

TEST(riscv_format, a_second_stage_demands_user_leaves) {
  riscv_tables t;
  t.d.nested = sv39x4(0x10000);
  t.d.nested_on = true;
  t.memory.qwords = {{0x10000, entry(0, pte::v | pte::r | pte::w | pte::x | pte::a | pte::d)}};
  const outcome o = t.load();
  EXPECT_EQ(o.failure.cause, walk_cause::forbidden);
  EXPECT_EQ(o.failure.stage, stage_kind::nested);
  EXPECT_EQ(o.failure.why, purpose::table_entry);
  EXPECT_EQ(o.failure.table_level, 3u);
}

}  // namespace
}  // namespace nestwalk::paging
