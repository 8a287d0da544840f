// Table formats as data: what each level's entries look like, for x86, EPT and NPT tables alike.
#pragma once

#include <array>
#include <cstdint>

#include "paging/registers.h"

namespace nestwalk::paging {

/// Bits of a guest or NPT table entry (SDM vol. 3, tables 4-14 to 4-20; APM vol. 2, 5.3).
namespace x86_entry {
inline constexpr std::uint64_t p = 1u << 0;
inline constexpr std::uint64_t rw = 1u << 1;
inline constexpr std::uint64_t us = 1u << 2;
inline constexpr std::uint64_t pwt = 1u << 3;
inline constexpr std::uint64_t pcd = 1u << 4;
inline constexpr std::uint64_t a = 1u << 5;
inline constexpr std::uint64_t d = 1u << 6;
inline constexpr std::uint64_t ps = 1u << 7;
inline constexpr std::uint64_t pat_4k = 1u << 7;
inline constexpr std::uint64_t g = 1u << 8;
inline constexpr std::uint64_t pat_large = 1u << 12;
inline constexpr std::uint64_t xd = std::uint64_t{1} << 63;
inline constexpr unsigned key_shift = 59;
}  // namespace x86_entry

/// Bits of an EPT entry (SDM vol. 3, tables 28-1 to 28-7).
namespace ept_entry {
inline constexpr std::uint64_t r = 1u << 0;
inline constexpr std::uint64_t w = 1u << 1;
inline constexpr std::uint64_t x = 1u << 2;
inline constexpr unsigned type_shift = 3;
inline constexpr std::uint64_t ignore_pat = 1u << 6;
inline constexpr std::uint64_t large = 1u << 7;
inline constexpr std::uint64_t a = 1u << 8;
inline constexpr std::uint64_t d = 1u << 9;
inline constexpr std::uint64_t xu = 1u << 10;
}  // namespace ept_entry

/// Bit that makes an entry above the lowest level map a page, in every format.
inline constexpr std::uint64_t page_size_bit = 1u << 7;

/// Most levels of any format.
inline constexpr unsigned most_levels = 5;

/// The entries of one level.
struct level_format {
  std::uint8_t shift = 12;           ///< lowest address bit of the index; size of the page that a leaf maps
  std::uint16_t index_mask = 0;      ///< entries of a table, less one
  std::uint64_t force_leaf = 0;      ///< `page_size_bit` where every entry maps a page or the bit has no say
  std::uint64_t leaf_bit = 0;        ///< `page_size_bit` where an entry may map a page, else 0
  std::uint64_t reserved_table = 0;  ///< bits that must be 0 in an entry that refers to a table
  std::uint64_t reserved_leaf = 0;   ///< bits that must be 0 in an entry that maps a page
  // What follows from the above, prepared so that a walk does less.
  std::uint64_t plain_mask = 0;  ///< an entry whose bits under this are `plain_bits` refers to a table, well formed;
  std::uint64_t plain_bits = 1;  ///< of others nothing is said
  std::uint8_t slot_shift = 9;   ///< (address >> slot_shift) & slot_mask: the entry's offset in its table
  std::uint16_t slot_mask = 0;
};

/// One table format under one setting of the registers: all that a walk asks of it.
struct format {
  std::uint8_t levels = 0;       ///< levels walked; 0: no tables, addresses pass
  std::uint8_t entry_log2 = 3;   ///< bytes of an entry, as a power of two
  bool pse36 = false;            ///< 32-bit paging: a 4-MByte page's address bits 39:32 stand in entry bits 20:13
  std::uint8_t input_bits = 64;  ///< width of an address that the tables can translate
  std::uint64_t present = 0;     ///< an entry with none of these bits is not present
  std::uint64_t invert = 0;      ///< rights that an entry takes away, not gives (XD)
  std::uint64_t accessed = 0;    ///< the accessed flag, 0 where there is none or it is off
  std::uint64_t dirty = 0;       ///< the dirty flag of a leaf, 0 where there is none or it is off
  std::uint64_t address = 0;     ///< bits of an entry that are an address
  /// EPT: whether a present entry is misconfigured, over bits 5:0 (bit index) and bit 10 (array index), for entries
  /// that refer to a table and for leaves. Zero in other formats.
  std::array<std::uint64_t, 2> misconfigured_table{};
  std::array<std::uint64_t, 2> misconfigured_leaf{};
  std::array<level_format, most_levels + 1> level{};  ///< by level, 1 the lowest; [0] unused

  /// Whether a present entry breaks a rule of the format.
  bool malformed(std::uint64_t entry, unsigned at, bool leaf) const {
    const level_format& l = level[at];
    const auto& table = leaf ? misconfigured_leaf : misconfigured_table;
    return (entry & (leaf ? l.reserved_leaf : l.reserved_table)) != 0 ||
           ((table[(entry >> 10) & 1] >> (entry & 63)) & 1) != 0;
  }
  /// Whether a present entry maps a page.
  bool is_leaf(std::uint64_t entry, unsigned at) const {
    return ((entry | level[at].force_leaf) & level[at].leaf_bit) != 0;
  }
  /// Where the page of a leaf begins.
  std::uint64_t page_of(std::uint64_t leaf, unsigned at) const {
    const std::uint64_t offset = (std::uint64_t{1} << level[at].shift) - 1;
    if (pse36 && at == 2) return (leaf & 0xffc00000) | ((leaf >> 13) & 0xff) << 32;
    return leaf & address & ~offset;
  }
};

/// Guest paging (32-bit, PAE, 4- or 5-level) as the registers select it; no levels with CR0.PG = 0. Also the format of
/// NPT tables, with the host's registers. PAE counts two levels: the walk begins at a PDPTE register.
format x86_format(const paging_registers& registers, const capabilities& machine);

/// EPT tables of the EPTP's walk length (SDM vol. 3, 28.3). `mode_based_execute`: bit 10 is XU.
format ept_format(std::uint64_t eptp, bool mode_based_execute, const capabilities& machine);

/// Linear-address bits that the registers select: 32, 48 or 57.
unsigned linear_bits(const paging_registers& registers);

}  // namespace nestwalk::paging
