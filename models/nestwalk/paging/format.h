// Table formats as data: what each level's entries look like, for x86, EPT and NPT tables alike.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/rights.h"

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

/// The entries of one level: one line of the host's cache.
struct alignas(64) level_format {
  std::uint8_t shift = 12;           ///< lowest address bit of the index; size of the page that a leaf maps
  bool always_leaf = false;          ///< every entry maps a page
  std::uint16_t index_mask = 0;      ///< entries of a table, less one
  std::uint64_t leaf_bits = 0;       ///< an entry with any of these bits maps a page; 0 where none may
  std::uint64_t reserved_table = 0;  ///< bits that must be 0 in an entry that refers to a table
  std::uint64_t reserved_leaf = 0;   ///< bits that must be 0 in an entry that maps a page
  std::uint64_t silent = 0;  ///< rights and flags that an entry that refers to a table has no bits for (PAE's PDPTEs)
  // What follows from the above, prepared so that a walk does less.
  std::uint8_t slot_shift = 9;  ///< (address >> slot_shift) & slot_mask: the entry's offset in its table
  std::uint16_t slot_mask = 0;
  std::uint64_t plain_mask = 0;  ///< an entry whose bits under this are `plain_bits` refers to a table, well formed,
  std::uint64_t plain_bits = 1;  ///< unshifted and with a say in every right; of others nothing is said
};

/// How far the bits of `format::high_address` are shifted left: entry bits 20:13 of a 4-MByte page are address bits
/// 39:32 (SDM vol. 3, table 4-4).
inline constexpr unsigned high_address_shift = 19;

/// Which rights the bits that a walk has gathered give: the bits `low_mask` from bit `low_shift` on, with bit
/// `high_bit` above them, name a row of `granted`.
struct rights_table {
  static constexpr unsigned low_bits = 4;

  std::uint8_t low_shift = 0;
  std::uint8_t low_mask = 0;  ///< up to `low_bits` bits
  std::uint8_t high_bit = 63;
  std::array<std::uint8_t, 2u << low_bits> granted{};  ///< `rights` bits

  std::uint8_t of(std::uint64_t gathered) const {
    return granted[((gathered >> low_shift) & low_mask) | ((gathered >> high_bit) & 1) << low_bits];
  }
};

/// The table of which row (low bits, high bit) holds the rights that `rule(low, high)` gives.
template <class Rule>
rights_table rights_by(unsigned low_shift, unsigned low_mask, unsigned high_bit, const Rule& rule) {
  rights_table t;
  t.low_shift = static_cast<std::uint8_t>(low_shift);
  t.low_mask = static_cast<std::uint8_t>(low_mask);
  t.high_bit = static_cast<std::uint8_t>(high_bit);
  for (unsigned row = 0; row < t.granted.size(); ++row) {
    const unsigned low = row & ((1u << rights_table::low_bits) - 1);
    t.granted[row] = static_cast<std::uint8_t>(rule(low, (row >> rights_table::low_bits) != 0));
  }
  return t;
}

/// Where the memory type of a page comes from.
enum class type_source : std::uint8_t {
  none,        ///< the leaf has none: write-back
  pat,         ///< PWT, PCD and PAT choose an entry of the PAT (SDM vol. 3, 4.9.2)
  leaf_field,  ///< bits 5:3, and bit 6 to ignore the PAT (SDM vol. 3, 28.3.7.2)
};

/// One table format under one setting of the registers: all that a walk asks of it.
struct format {
  std::uint8_t levels = 0;         ///< levels walked; 0: no tables, addresses pass
  std::uint8_t entry_log2 = 3;     ///< bytes of an entry, as a power of two
  std::uint8_t input_bits = 64;    ///< width of an address that the tables can translate
  std::uint8_t address_shift = 0;  ///< an entry's address bits stand that much lower than the address's
  std::uint64_t present = 0;       ///< an entry with none of these bits is not present
  std::uint64_t invert = 0;        ///< rights that an entry takes away, not gives (XD)
  std::uint64_t accessed = 0;      ///< the accessed flag, 0 where there is none or it is off
  std::uint64_t dirty = 0;         ///< the dirty flag of a leaf, 0 where there is none or it is off
  std::uint64_t address = 0;       ///< bits of an entry that are an address
  std::uint64_t high_address = 0;  ///< bits of a leaf above the lowest level that continue the page's address
  std::uint64_t global = 0;        ///< the global flag of a leaf, 0 where there is none or it is off
  std::uint64_t key_mask = 0;      ///< 15 where leaves carry a protection key from `x86_entry::key_shift` on, else 0
  type_source types = type_source::none;
  rights_table gives;  ///< the rights that gathered bits give
  /// EPT: whether a present entry is misconfigured, over bits 5:0 (bit index) and bit 10 (array index), for entries
  /// that refer to a table and for leaves. Zero in formats whose rules `level_format` can say.
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
    return level[at].always_leaf || (entry & level[at].leaf_bits) != 0;
  }
  /// The address that an entry refers to: of a table, or of a page with whatever else its low bits hold.
  std::uint64_t address_of(std::uint64_t entry) const { return (entry & address) << address_shift; }
  /// Where the page of a leaf begins.
  std::uint64_t page_of(std::uint64_t leaf, unsigned at) const {
    const std::uint64_t offset = (std::uint64_t{1} << level[at].shift) - 1;
    const std::uint64_t high = at > 1 ? leaf & high_address : 0;
    return (address_of(leaf) & ~offset) | high << high_address_shift;
  }
  /// The rights of a page: what the entries down to `leaf` give together, and its protection key.
  rights granted(std::uint64_t gathered, std::uint64_t leaf) const {
    return {gives.of(gathered), static_cast<std::uint8_t>((leaf >> x86_entry::key_shift) & key_mask)};
  }
  /// What is left of `gathered` behind an entry of level `at` that refers to a table.
  std::uint64_t gathered_through(std::uint64_t gathered, std::uint64_t entry, unsigned at) const {
    return gathered & ((entry ^ invert) | level[at].silent);
  }
};

/// Fills in what a walk reads and the rest of the format implies. To be called once everything else is set.
format prepared(format f);

/// Guest paging (32-bit, PAE, 4- or 5-level) as the registers select it; no levels with CR0.PG = 0. Also the format of
/// NPT tables, with the host's registers. PAE counts two levels, as the walk begins at a PDPTE register; level 3 says
/// what PDPTEs look like.
format x86_format(const paging_registers& registers, const capabilities& processor);

/// The rights of NPT entries: every nested access is a user access (APM vol. 2, 15.25.5); with the guest mode execute
/// trap, U/S instead tells whose code a page holds.
rights_table npt_rights(bool guest_mode_execute_trap);

/// EPT tables of the EPTP's walk length (SDM vol. 3, 28.3). `mode_based_execute`: bit 10 is XU.
format ept_format(std::uint64_t eptp, bool mode_based_execute, const capabilities& processor);

/// Bits that a present PDPTE of PAE paging must not set (SDM vol. 3, table 4-8; APM vol. 2, 5.2.3).
std::uint64_t reserved_in_pdpte(const capabilities& processor);

/// Linear-address bits that the registers select: 32, 48 or 57.
unsigned linear_bits(const paging_registers& registers);

}  // namespace nestwalk::paging
