#include "paging/format.h"

namespace nestwalk::paging {

namespace {

// Bits high..low, both included; none where high < low.
constexpr std::uint64_t bits(unsigned high, unsigned low) {
  if (high < low || low > 63) return 0;
  return (~std::uint64_t{0} >> (63 - high)) & (~std::uint64_t{0} << low);
}

constexpr unsigned index_bits = 9;

void never_leaf(level_format& l) {
  l.leaf_bit = 0;
}

void maybe_leaf(level_format& l) {
  l.leaf_bit = page_size_bit;
}

void always_leaf(level_format& l) {
  l.leaf_bit = page_size_bit;
  l.force_leaf = page_size_bit;
}

// What 4-level, 5-level and PAE tables share.
format long_entries(const capabilities& machine) {
  format f;
  f.present = x86_entry::p;
  f.invert = x86_entry::xd;
  f.accessed = x86_entry::a;
  f.dirty = x86_entry::d;
  f.address = bits(machine.physical_bits - 1, 12);
  for (unsigned n = 1; n <= most_levels; ++n) {
    f.level[n].shift = static_cast<std::uint8_t>(12 + index_bits * (n - 1));
    f.level[n].index_mask = (1u << index_bits) - 1;
  }
  always_leaf(f.level[1]);
  maybe_leaf(f.level[2]);
  return f;
}

format long_mode(const paging_registers& r, const capabilities& machine) {
  format f = long_entries(machine);
  f.levels = (r.cr4 & cr4::la57) != 0 ? 5 : 4;
  f.input_bits = static_cast<std::uint8_t>(linear_bits(r));
  std::uint64_t reserved = bits(51, machine.physical_bits);
  if ((r.efer & efer::nxe) == 0) reserved |= x86_entry::xd;
  for (unsigned n = 1; n <= most_levels; ++n) {
    level_format& l = f.level[n];
    l.reserved_table = reserved;
    l.reserved_leaf = reserved | (n > 1 ? bits(l.shift - 1u, 13) : 0);
  }
  if (machine.gigabyte_pages)
    maybe_leaf(f.level[3]);
  else
    f.level[3].reserved_table |= x86_entry::ps;
  for (unsigned n = 4; n <= most_levels; ++n) {
    never_leaf(f.level[n]);
    f.level[n].reserved_table |= x86_entry::ps;
    if (machine.maker == vendor::amd) f.level[n].reserved_table |= x86_entry::g;  // MBZ: APM vol. 2, figure 5-20
  }
  return f;
}

format pae(const paging_registers& r, const capabilities& machine) {
  format f = long_entries(machine);
  f.levels = 2;
  f.input_bits = 32;
  std::uint64_t reserved = bits(62, machine.physical_bits);
  if ((r.efer & efer::nxe) == 0) reserved |= x86_entry::xd;
  for (unsigned n = 1; n <= 2; ++n) {
    f.level[n].reserved_table = reserved;
    f.level[n].reserved_leaf = reserved | (n == 2 ? bits(20, 13) : 0);
  }
  return f;
}

format legacy_32_bit(const paging_registers& r, const capabilities& machine) {
  format f;
  f.levels = 2;
  f.input_bits = 32;
  f.entry_log2 = 2;
  f.pse36 = true;
  f.present = x86_entry::p;
  f.invert = x86_entry::xd;
  f.accessed = x86_entry::a;
  f.dirty = x86_entry::d;
  f.address = bits(31, 12);
  f.level[1].shift = 12;
  f.level[2].shift = 22;
  f.level[1].index_mask = f.level[2].index_mask = 1023;
  always_leaf(f.level[1]);
  if ((r.cr4 & cr4::pse) != 0) maybe_leaf(f.level[2]);
  // Entry bits 20:13 are address bits 39:32 (SDM vol. 3, table 4-4); those beyond the machine's width are reserved.
  const unsigned width = machine.physical_bits < 40 ? machine.physical_bits : 40;
  f.level[2].reserved_leaf = bits(21, 21) | bits(20, 13 + (width - 32));
  return f;
}

// Fills in what follows from the rest.
format prepared(format f) {
  for (unsigned n = 1; n <= most_levels; ++n) {
    level_format& l = f.level[n];
    l.slot_shift = static_cast<std::uint8_t>(l.shift - f.entry_log2);
    l.slot_mask = static_cast<std::uint16_t>(l.index_mask << f.entry_log2);
    if (l.force_leaf != 0) continue;
    // Every right and, in EPT, no memory type: no table of this kind is misconfigured, whatever bit 10 says.
    l.plain_bits = f.present & 7;
    l.plain_mask = l.plain_bits | l.leaf_bit | l.reserved_table;
    if (f.misconfigured_leaf[0] != 0) l.plain_mask |= 0x3f;
  }
  return f;
}

}  // namespace

unsigned linear_bits(const paging_registers& r) {
  if ((r.efer & efer::lma) == 0) return 32;
  return (r.cr4 & cr4::la57) != 0 ? 57 : 48;
}

format x86_format(const paging_registers& r, const capabilities& machine) {
  if ((r.cr0 & cr0::pg) == 0) {
    format none;
    none.input_bits = 32;
    return none;
  }
  if ((r.efer & efer::lma) != 0) return prepared(long_mode(r, machine));
  if ((r.cr4 & cr4::pae) != 0) return prepared(pae(r, machine));
  return prepared(legacy_32_bit(r, machine));
}

format ept_format(std::uint64_t pointer, bool mode_based_execute, const capabilities& machine) {
  format f = long_entries(machine);
  f.levels = static_cast<std::uint8_t>(eptp::levels(pointer));
  f.input_bits = f.levels == 5 ? 57 : 48;
  f.invert = 0;
  f.present = ept_entry::r | ept_entry::w | ept_entry::x | (mode_based_execute ? ept_entry::xu : 0);
  const bool flags = (pointer & eptp::accessed_dirty) != 0;
  f.accessed = flags ? ept_entry::a : 0;
  f.dirty = flags ? ept_entry::d : 0;
  const std::uint64_t reserved = bits(51, machine.physical_bits);
  for (unsigned n = 1; n <= most_levels; ++n) {
    level_format& l = f.level[n];
    l.reserved_table = reserved | (n < 4 ? bits(6, 3) : bits(7, 3));
    l.reserved_leaf = reserved | bits(l.shift - 1u, 12);
    if (n >= 4) never_leaf(l);
  }
  maybe_leaf(f.level[3]);
  for (unsigned low = 0; low < 64; ++low) {
    for (unsigned xu = 0; xu < 2; ++xu) {
      const bool readable = (low & ept_entry::r) != 0;
      const bool fetch = (low & ept_entry::x) != 0 || (mode_based_execute && xu != 0);
      const unsigned type = low >> ept_entry::type_shift;
      const bool bad_rights = !readable && ((low & ept_entry::w) != 0 || (fetch && !machine.execute_only));
      const bool bad_type = type == 2 || type == 3 || type == 7;
      if (bad_rights) f.misconfigured_table[xu] |= std::uint64_t{1} << low;
      if (bad_rights || bad_type) f.misconfigured_leaf[xu] |= std::uint64_t{1} << low;
    }
  }
  return prepared(f);
}

}  // namespace nestwalk::paging
