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

/// The type's name as in the manuals.
const char* name_of(memory_type type);

}  // namespace nestwalk::paging
