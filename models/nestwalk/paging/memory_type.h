// Memory types and how the stages' types combine.
#pragma once

#include <cstdint>

namespace nestwalk::paging {

/// Memory types in their PAT and EPT encoding (SDM vol. 3, table 11-10).
enum class memory_type : std::uint8_t { uc = 0, wc = 1, wt = 4, wp = 5, wb = 6, uc_minus = 7 };

/// IA32_PAT after reset: WB, WT, UC-, UC, twice (SDM vol. 3, 11.12.4).
inline constexpr std::uint64_t pat_after_reset = 0x0007040600070406;

/// The type that entry `index` (0 to 7) of a PAT selects.
constexpr memory_type pat_type(std::uint64_t pat, unsigned index) {
  return static_cast<memory_type>((pat >> (8 * index)) & 7);
}

/// The effective type of a page whose PAT type is `pat` over memory of type `below`, the MTRR's or, under EPT without
/// "ignore PAT", the EPT entry's (SDM vol. 3, table 11-7 and 28.3.7.2).
memory_type combine(memory_type pat, memory_type below);

/// The effective type of a page of PAT type `guest` in the guest's tables and `host` in the nested ones, all memory
/// below being WB (APM vol. 2, 15.25.8, table 15-19; what it calls WC+, WC that looks into the caches, is WC here).
memory_type combine_pats(memory_type guest, memory_type host);

/// How the memory type of a stage goes with the other stage's.
enum class type_rule : std::uint8_t {
  below_pat,  ///< EPT: as an MTRR's, under the guest's PAT
  two_pats,   ///< NPT
  alone,  ///< this stage's type holds, whatever the other stage says: EPT with "ignore PAT", a first stage with CR0.CD
          ///< set
};

/// The type of a first stage's page of type `first`, whose rule is not `alone`, in a second stage's of type `second`.
memory_type combine(memory_type first, memory_type second, type_rule rule);

/// The type's name as in the manuals.
const char* name_of(memory_type type);

}  // namespace nestwalk::paging
