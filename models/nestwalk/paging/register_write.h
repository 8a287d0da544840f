// Which register writes the processor refuses with #GP(0), and what LMA follows from them.
#pragma once

#include <cstdint>

#include "nestwalk/paging/registers.h"

namespace nestwalk::paging {

/// Each says whether writing `value` while the registers stand as `now` is a #GP(0) that changes nothing. The guest's
/// code segment is no part of the model: what depends on CS.L is let through.

/// MOV to CR0 (SDM vol. 3, 2.5 and 4.1.2).
bool refuses_cr0(const paging_registers& now, std::uint64_t value);
/// MOV to CR3; bit 63 counts as reserved unless CR4.PCIDE is on (SDM vol. 3, 4.5 and vol. 2, MOV to CR).
bool refuses_cr3(const paging_registers& now, std::uint64_t value, const capabilities& processor);
/// MOV to CR4 (SDM vol. 3, 2.5, 4.1.2 and 4.10.1).
bool refuses_cr4(const paging_registers& now, std::uint64_t value, const capabilities& processor);
/// WRMSR of IA32_EFER (SDM vol. 3, 4.1.2).
bool refuses_efer(const paging_registers& now, std::uint64_t value);
/// WRMSR of IA32_PAT: a memory type that does not exist (SDM vol. 3, 11.12.4).
bool refuses_pat(std::uint64_t value);
/// WRPKRU: bits 63:32 are reserved.
constexpr bool refuses_pkru(std::uint64_t value) {
  return (value >> 32) != 0;
}
/// WRMSR of IA32_PKRS: bits 63:32 are reserved, and AMD's processors have no such register.
constexpr bool refuses_pkrs(std::uint64_t value, const capabilities& processor) {
  return processor.maker == vendor::amd || (value >> 32) != 0;
}

/// What VM entry, a VMRUN or a host may load beyond what a guest may write: the bits of CR4 and IA32_EFER that are
/// reserved or not modelled. A guest of SVM runs with EFER.SVME on; FFXSR does not touch translation.
constexpr std::uint64_t not_modelled_in_cr4(std::uint64_t value, const capabilities& processor) {
  const std::uint64_t others = processor.maker == vendor::amd ? cr4::intels : 0;
  return value & ~(cr4::known & ~others & ~(processor.five_levels ? 0 : cr4::la57));
}
constexpr std::uint64_t not_modelled_in_efer(std::uint64_t value) {
  constexpr std::uint64_t sce_svme_and_ffxsr = 0x5001;
  return value & ~(efer::lme | efer::lma | efer::nxe | sce_svme_and_ffxsr);
}

/// EFER with LMA as the processor keeps it: on exactly while LME and CR0.PG are (SDM vol. 3, 9.8.5).
constexpr std::uint64_t efer_with_lma(std::uint64_t value, std::uint64_t cr0_value) {
  const bool active = (value & efer::lme) != 0 && (cr0_value & cr0::pg) != 0;
  return active ? value | efer::lma : value & ~efer::lma;
}

}  // namespace nestwalk::paging
