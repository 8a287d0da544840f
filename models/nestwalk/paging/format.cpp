#include "nestwalk/paging/format.h"

namespace nestwalk::paging {

namespace {

// Bits high..low, both included; none where high < low.
constexpr std::uint64_t bits(unsigned high, unsigned low) {
  if (high < low || low > 63) return 0;
  return (~std::uint64_t{0} >> (63 - high)) & (~std::uint64_t{0} << low);
}

constexpr unsigned index_bits = 9;

// The rights of the guest's R/W (low bit 0), U/S (low bit 1) and XD (high bit, inverted).
rights_table guest_rights() {
  return rights_by(1, 3, 63, [](unsigned low, bool executable) {
    return rights::nested_mask | ((low & 1) != 0 ? rights::writable : 0) | ((low & 2) != 0 ? rights::user : 0) |
           (executable ? rights::executable : 0);
  });
}

// EPT: R, W and X in bits 2:0; with mode-based execute control bit 10 is XU and bit 2 XS (SDM vol. 3, 28.3.2).
rights_table ept_rights(bool mode_based_execute) {
  return rights_by(0, 7, mode_based_execute ? 10 : 2, [](unsigned low, bool user_execute) {
    return rights::guest_mask | low * rights::nested_read | (user_execute ? rights::nested_execute_user : 0);
  });
}

void never_leaf(level_format& l) {
  l.leaf_bits = 0;
}

void maybe_leaf(level_format& l) {
  l.leaf_bits = page_size_bit;
}

void always_leaf(level_format& l) {
  l.always_leaf = true;
}

// What 4-level, 5-level and PAE tables share.
format long_entries(const capabilities& processor) {
  format f;
  f.present = x86_entry::p;
  f.invert = x86_entry::xd;
  f.accessed = x86_entry::a;
  f.dirty = x86_entry::d;
  f.address = bits(processor.physical_bits - 1, 12);
  f.gives = guest_rights();
  f.types = type_source::pat;
  for (unsigned n = 1; n <= most_levels; ++n) {
    f.level[n].shift = static_cast<std::uint8_t>(12 + index_bits * (n - 1));
    f.level[n].index_mask = (1u << index_bits) - 1;
  }
  always_leaf(f.level[1]);
  maybe_leaf(f.level[2]);
  return f;
}

format long_mode(const paging_registers& r, const capabilities& processor) {
  format f = long_entries(processor);
  f.levels = (r.cr4 & cr4::la57) != 0 ? 5 : 4;
  f.input_bits = static_cast<std::uint8_t>(linear_bits(r));
  std::uint64_t reserved = bits(51, processor.physical_bits);
  if ((r.efer & efer::nxe) == 0) reserved |= x86_entry::xd;
  for (unsigned n = 1; n <= most_levels; ++n) {
    level_format& l = f.level[n];
    l.reserved_table = reserved;
    l.reserved_leaf = reserved | (n > 1 ? bits(l.shift - 1u, 13) : 0);
  }
  if (processor.gigabyte_pages)
    maybe_leaf(f.level[3]);
  else
    f.level[3].reserved_table |= x86_entry::ps;
  for (unsigned n = 4; n <= most_levels; ++n) {
    never_leaf(f.level[n]);
    f.level[n].reserved_table |= x86_entry::ps;
    if (processor.maker == vendor::amd) f.level[n].reserved_table |= x86_entry::g;  // MBZ: APM vol. 2, figure 5-20
  }
  return f;
}

format pae(const paging_registers& r, const capabilities& processor) {
  format f = long_entries(processor);
  f.levels = 2;
  f.input_bits = 32;
  std::uint64_t reserved = bits(62, processor.physical_bits);
  if ((r.efer & efer::nxe) == 0) reserved |= x86_entry::xd;
  for (unsigned n = 1; n <= 2; ++n) {
    f.level[n].reserved_table = reserved;
    f.level[n].reserved_leaf = reserved | (n == 2 ? bits(20, 13) : 0);
  }
  f.level[3].index_mask = 3;
  f.level[3].reserved_table = reserved_in_pdpte(processor);
  f.level[3].silent = x86_entry::rw | x86_entry::us | x86_entry::a;
  return f;
}

format legacy_32_bit(const paging_registers& r, const capabilities& processor) {
  format f;
  f.levels = 2;
  f.input_bits = 32;
  f.entry_log2 = 2;
  f.present = x86_entry::p;
  f.invert = x86_entry::xd;
  f.accessed = x86_entry::a;
  f.dirty = x86_entry::d;
  f.address = bits(31, 12);
  f.gives = guest_rights();
  f.types = type_source::pat;
  f.level[1].shift = 12;
  f.level[2].shift = 22;
  f.level[1].index_mask = f.level[2].index_mask = 1023;
  always_leaf(f.level[1]);
  if ((r.cr4 & cr4::pse) != 0) maybe_leaf(f.level[2]);
  f.high_address = bits(20, 13);
  // Those that would be address bits beyond the processor's width are reserved.
  const unsigned width = processor.physical_bits < 40 ? processor.physical_bits : 40;
  f.level[2].reserved_leaf = bits(21, 21) | bits(20, 13 + (width - 32));
  return f;
}

}  // namespace

format prepared(format f) {
  for (unsigned n = 1; n <= most_levels; ++n) {
    level_format& l = f.level[n];
    l.slot_shift = static_cast<std::uint8_t>(l.shift - f.entry_log2);
    l.slot_mask = static_cast<std::uint16_t>(l.index_mask << f.entry_log2);
    if (l.always_leaf || l.silent != 0 || f.address_shift != 0) continue;
    // Every right and, in EPT, no memory type: no table of this kind is misconfigured, whatever bit 10 says.
    l.plain_bits = f.present & 7;
    l.plain_mask = l.plain_bits | l.leaf_bits | l.reserved_table;
    if (f.misconfigured_leaf[0] != 0) l.plain_mask |= 0x3f;
  }
  return f;
}

std::uint64_t reserved_in_pdpte(const capabilities& processor) {
  return bits(63, processor.physical_bits) | bits(8, 5) | bits(2, 1);
}

unsigned linear_bits(const paging_registers& r) {
  if ((r.efer & efer::lma) == 0) return 32;
  return (r.cr4 & cr4::la57) != 0 ? 57 : 48;
}

format x86_format(const paging_registers& r, const capabilities& processor) {
  if ((r.cr0 & cr0::pg) == 0) {
    format none;
    none.input_bits = 32;
    return none;
  }
  const bool long_mode_on = (r.efer & efer::lma) != 0;
  format f = long_mode_on              ? long_mode(r, processor)
             : (r.cr4 & cr4::pae) != 0 ? pae(r, processor)
                                       : legacy_32_bit(r, processor);
  if ((r.cr4 & cr4::pge) != 0) f.global = x86_entry::g;
  if (long_mode_on && (r.cr4 & (cr4::pke | cr4::pks)) != 0) f.key_mask = 15;
  return prepared(f);
}

rights_table npt_rights(bool guest_mode_execute_trap) {
  return rights_by(1, 3, 63, [=](unsigned low, bool executable) -> unsigned {
    const bool user = (low & 2) != 0;
    if (!user && !guest_mode_execute_trap) return rights::guest_mask;
    unsigned bits = rights::guest_mask | rights::nested_read | ((low & 1) != 0 ? rights::nested_write : 0);
    if (!executable) return bits;
    if (!guest_mode_execute_trap) return bits | rights::nested_execute | rights::nested_execute_user;
    return bits | (user ? rights::nested_execute_user : rights::nested_execute);
  });
}

format ept_format(std::uint64_t pointer, bool mode_based_execute, const capabilities& processor) {
  format f = long_entries(processor);
  f.levels = static_cast<std::uint8_t>(eptp::levels(pointer));
  f.input_bits = f.levels == 5 ? 57 : 48;
  f.invert = 0;
  f.gives = ept_rights(mode_based_execute);
  f.types = type_source::leaf_field;
  f.present = ept_entry::r | ept_entry::w | ept_entry::x | (mode_based_execute ? ept_entry::xu : 0);
  const bool flags = (pointer & eptp::accessed_dirty) != 0;
  f.accessed = flags ? ept_entry::a : 0;
  f.dirty = flags ? ept_entry::d : 0;
  const std::uint64_t reserved = bits(51, processor.physical_bits);
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
      const bool bad_rights = !readable && ((low & ept_entry::w) != 0 || (fetch && !processor.execute_only));
      const bool bad_type = type == 2 || type == 3 || type == 7;
      if (bad_rights) f.misconfigured_table[xu] |= std::uint64_t{1} << low;
      if (bad_rights || bad_type) f.misconfigured_leaf[xu] |= std::uint64_t{1} << low;
    }
  }
  return prepared(f);
}

}  // namespace nestwalk::paging
