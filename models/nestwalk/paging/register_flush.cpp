#include "nestwalk/paging/register_flush.h"

#include "nestwalk/paging/format.h"

namespace nestwalk::paging {

std::optional<selector> flush_by_change(const paging_registers& before, const paging_registers& after,
                                        const translation_tags& now) {
  const std::uint64_t changed = before.cr4 ^ after.cr4;
  const bool paging = ((before.cr0 ^ after.cr0) & cr0::pg) != 0;
  const bool form = (changed & (cr4::pge | cr4::pae | cr4::pse | cr4::la57)) != 0;
  const bool pcids_off = (changed & before.cr4 & cr4::pcide) != 0;
  const bool execute_prevention_on = (changed & after.cr4 & cr4::smep) != 0;
  const bool no_execute = ((before.efer ^ after.efer) & efer::nxe) != 0;
  constexpr std::uint64_t keys = cr4::pke | cr4::pks;
  const bool keys_on = (before.cr4 & keys) == 0 && (after.cr4 & keys) != 0;
  if (paging || form || pcids_off || execute_prevention_on || no_execute || keys_on) return whole_vpid(now);
  return std::nullopt;
}

std::optional<selector> flush_by_cr3(const paging_registers& now, std::uint64_t value, const translation_tags& tags) {
  const bool pcids = (now.cr4 & cr4::pcide) != 0;
  if (pcids && (value & cr3::no_flush) != 0) return std::nullopt;
  return mov_cr3(static_cast<std::uint16_t>(pcids ? value & cr3::pcid : 0), tags);
}

bool loads_pdptes(const paging_registers& before, const paging_registers& after) {
  const bool in_cr0 = ((before.cr0 ^ after.cr0) & (cr0::cd | cr0::nw | cr0::pg)) != 0;
  const bool in_cr4 = ((before.cr4 ^ after.cr4) & (cr4::pae | cr4::pge | cr4::pse | cr4::smep)) != 0;
  return pae_paging(after) && (in_cr0 || in_cr4);
}

bool refuses_pdpte(std::uint64_t pdpte, const capabilities& processor) {
  return (pdpte & x86_entry::p) != 0 && (pdpte & reserved_in_pdpte(processor)) != 0;
}

}  // namespace nestwalk::paging
