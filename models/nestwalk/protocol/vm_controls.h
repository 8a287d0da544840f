// What a VMM sets for its guest, as in a VMCS or VMCB: what exits, and how the guest's addresses are translated.
#pragma once

#include <cstdint>

#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::protocol {

/// How guest addresses are translated (SDM vol. 3, 24.6; APM vol. 2, 15.25 and 15.16).
struct translation_controls {
  bool nested_paging = false;                             ///< a second stage is on
  paging::nested_kind format = paging::nested_kind::ept;  ///< of the second stage
  paging::ept_controls ept;                               ///< EPT: EPTP and its features
  paging::paging_registers host;                          ///< NPT: host CR0, CR4, EFER, PAT; `cr3` is the nested CR3
  bool guest_mode_execute_trap = false;  ///< NPT: code runs by the nested U/S (VMCB offset 090h, bit 3)
  bool vpid_on = true;                   ///< mappings are tagged; without, VM entry and exit flush VPID 0 and VPID is 0
  std::uint16_t vpid = 1;                ///< VPID, or ASID
};

/// All controls of a guest.
struct vm_controls {
  bool virtualised = false;            ///< a guest of a VMM runs; without, nothing exits
  std::uint32_t exception_bitmap = 0;  ///< exceptions that exit, by vector; #PF is bit 14
  std::uint64_t cr0_mask = 0;          ///< CR0 bits that the VMM owns (SDM vol. 3, 24.6.6)
  std::uint64_t cr0_shadow = 0;        ///< what the guest reads of them
  std::uint64_t cr4_mask = 0;          ///< likewise for CR4
  std::uint64_t cr4_shadow = 0;
  bool cr3_load_exiting = false;
  bool invlpg_exiting = false;
  bool invpcid_exiting = false;
  bool efer_write_exiting = false;  ///< the MSR bitmap's bit for IA32_EFER
  translation_controls translation;
};

inline constexpr std::uint32_t page_fault_vector = 14;
inline constexpr std::uint32_t general_protection_vector = 13;

}  // namespace nestwalk::protocol
