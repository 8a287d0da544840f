// What a register write brings with it beyond its value: the flush that belongs to it, and the PDPTEs of PAE
// paging.
#pragma once

#include <cstdint>
#include <optional>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::paging {

/// The PCID that mappings are tagged with: CR3[11:0] with CR4.PCIDE, else 0 (SDM vol. 3, 4.10.1).
constexpr std::uint16_t pcid_of(const paging_registers& r) {
  return static_cast<std::uint16_t>((r.cr4 & cr4::pcide) != 0 ? r.cr3 & cr3::pcid : 0);
}

/// The flush that belongs to a write of CR0, CR4 or IA32_EFER that took the registers from `before` to `after`; none
/// for what is judged at each use (WP, SMAP, SMEP off, a key register) (SDM vol. 3, 4.10.4.1). Turning protection keys
/// on also flushes, which the manual allows: what was cached without them kept no key.
std::optional<selector> flush_by_change(const paging_registers& before, const paging_registers& after,
                                        const translation_tags& now);

/// The flush that belongs to MOV to CR3 of `value` under the registers as they stand: none where bit 63 asks for none.
std::optional<selector> flush_by_cr3(const paging_registers& now, std::uint64_t value, const translation_tags& tags);

/// Whether PAE paging is in use: its walks begin at the PDPTE registers (SDM vol. 3, 4.4).
constexpr bool pae_paging(const paging_registers& r) {
  return (r.cr0 & cr0::pg) != 0 && (r.cr4 & cr4::pae) != 0 && (r.efer & efer::lma) == 0;
}
/// Whether MOV to CR0 or CR4 from `before` to `after` loads the PDPTE registers (SDM vol. 3, 4.4.1); MOV to CR3 does
/// wherever PAE paging is in use. Nothing does where walks read the PDPTEs themselves (`nested_stage::walks_pdptes`).
bool loads_pdptes(const paging_registers& before, const paging_registers& after);
/// Where the four PDPTEs stand (SDM vol. 3, table 4-7).
constexpr gpa pdptes_at(const paging_registers& r) {
  return gpa(r.cr3 & 0xffffffe0);
}
/// Whether loading the PDPTE is a #GP(0): it is present and sets a reserved bit (SDM vol. 3, 4.4.1).
bool refuses_pdpte(std::uint64_t pdpte, const capabilities& processor);

}  // namespace nestwalk::paging
