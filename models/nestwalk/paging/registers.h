// The registers that translation hangs on, and their bits.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/paging/memory_type.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::paging {

/// CR0 bits (SDM vol. 3, 2.5).
namespace cr0 {
inline constexpr std::uint64_t pe = 1u << 0;
inline constexpr std::uint64_t wp = 1u << 16;
inline constexpr std::uint64_t nw = 1u << 29;
inline constexpr std::uint64_t cd = 1u << 30;
inline constexpr std::uint64_t pg = 1u << 31;
}  // namespace cr0

/// CR3 bits (SDM vol. 3, table 4-12).
namespace cr3 {
inline constexpr std::uint64_t pcid = 0xfff;
inline constexpr std::uint64_t no_flush = std::uint64_t{1} << 63;  ///< of the source operand; not kept
}  // namespace cr3

/// CR4 bits (SDM vol. 3, 2.5).
namespace cr4 {
inline constexpr std::uint64_t pse = 1u << 4;
inline constexpr std::uint64_t pae = 1u << 5;
inline constexpr std::uint64_t pge = 1u << 7;
inline constexpr std::uint64_t la57 = 1u << 12;
inline constexpr std::uint64_t vmxe = 1u << 13;
inline constexpr std::uint64_t smxe = 1u << 14;
inline constexpr std::uint64_t pcide = 1u << 17;
inline constexpr std::uint64_t smep = 1u << 20;
inline constexpr std::uint64_t smap = 1u << 21;
inline constexpr std::uint64_t pke = 1u << 22;
inline constexpr std::uint64_t pks = 1u << 24;
/// Bits that processors have, translation's and others' (VME to UMIP, VMXE, SMXE, FSGSBASE, OSXSAVE); CET, LASS, LAM
/// and user interrupts are not modelled.
inline constexpr std::uint64_t known = 0x0177'7fff;
/// Of these, what AMD's processors do not have (APM vol. 2, 3.1.3).
inline constexpr std::uint64_t intels = vmxe | smxe | pks;
}  // namespace cr4

/// IA32_EFER bits (SDM vol. 3, 2.2.1).
namespace efer {
inline constexpr std::uint64_t lme = 1u << 8;
inline constexpr std::uint64_t lma = 1u << 10;
inline constexpr std::uint64_t nxe = 1u << 11;
}  // namespace efer

/// EPTP bits (SDM vol. 3, table 24-9).
namespace eptp {
inline constexpr std::uint64_t memory_type = 7;
inline constexpr std::uint64_t walk_length = 7u << 3;  ///< levels less one
inline constexpr std::uint64_t accessed_dirty = 1u << 6;

/// The levels of the tables that an EPT pointer names; 4 or 5 in one that VM entry takes.
constexpr unsigned levels(std::uint64_t pointer) {
  return static_cast<unsigned>((pointer & walk_length) >> 3) + 1;
}
}  // namespace eptp

/// The register state of one stage in x86 format: the guest's, or the host's that an NPT walk runs under.
struct paging_registers {
  std::uint64_t cr0 = 0;
  std::uint64_t cr3 = 0;
  std::uint64_t cr4 = 0;
  std::uint64_t efer = 0;
  std::uint32_t pkru = 0;
  std::uint32_t pkrs = 0;
  std::uint64_t pat = pat_after_reset;
  std::array<std::uint64_t, 4> pdpte{};  ///< loaded with CR3 in PAE paging (SDM vol. 3, 4.4.1)
};

/// Whose manual rules where the two differ.
enum class vendor : std::uint8_t { intel, amd };

/// What the processor can do, as CPUID and the VMX capability registers report it.
struct capabilities {
  vendor maker = vendor::intel;
  unsigned physical_bits = 46;  ///< MAXPHYADDR, 32 to 52
  bool gigabyte_pages = true;   ///< 1-GByte pages in guest and NPT tables (and always in EPT ones)
  bool execute_only = true;     ///< EPT: entries that allow fetches and no reads
  bool five_levels = true;      ///< LA57: CR4.LA57 may be set, and nested tables may have 5 levels

  /// Bits of linear address that the processor has, whatever CR4.LA57 says: the width that addresses are checked
  /// against which are named to be invalidated and not accessed.
  unsigned linear_bits() const { return five_levels ? 57 : 48; }

  friend bool operator==(const capabilities& a, const capabilities& b) {
    return a.maker == b.maker && a.physical_bits == b.physical_bits && a.gigabyte_pages == b.gigabyte_pages &&
           a.execute_only == b.execute_only && a.five_levels == b.five_levels;
  }
};

/// Its keys: vendor and width of a physical address.
void describe(const configuration::group& into, capabilities& c);

}  // namespace nestwalk::paging
