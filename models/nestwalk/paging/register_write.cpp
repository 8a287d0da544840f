#include "nestwalk/paging/register_write.h"

namespace nestwalk::paging {

bool refuses_cr0(const paging_registers& now, std::uint64_t value) {
  if ((value >> 32) != 0) return true;
  if ((value & cr0::nw) != 0 && (value & cr0::cd) == 0) return true;
  const bool paging = (value & cr0::pg) != 0;
  if (paging && (value & cr0::pe) == 0) return true;
  if (!paging) return (now.cr0 & cr0::pg) != 0 && (now.cr4 & cr4::pcide) != 0;
  const bool turns_on = (now.cr0 & cr0::pg) == 0;
  return turns_on && (now.efer & efer::lme) != 0 && (now.cr4 & cr4::pae) == 0;
}

bool refuses_cr3(const paging_registers& now, std::uint64_t value, const capabilities& processor) {
  if ((now.cr4 & cr4::pcide) != 0) value &= ~cr3::no_flush;
  return (value >> processor.physical_bits) != 0;
}

bool refuses_cr4(const paging_registers& now, std::uint64_t value, const capabilities& processor) {
  if (not_modelled_in_cr4(value, processor) != 0) return true;
  const std::uint64_t changed = now.cr4 ^ value;
  const bool long_mode = (now.efer & efer::lma) != 0;
  if (long_mode && ((value & cr4::pae) == 0 || (changed & cr4::la57) != 0)) return true;
  const bool turns_pcids_on = (changed & value & cr4::pcide) != 0;
  return turns_pcids_on && (!long_mode || (now.cr3 & cr3::pcid) != 0);
}

bool refuses_efer(const paging_registers& now, std::uint64_t value) {
  constexpr std::uint64_t known = 1u | efer::lme | efer::lma | efer::nxe;  // SCE is bit 0
  if ((value & ~known) != 0) return true;
  return ((now.efer ^ value) & efer::lme) != 0 && (now.cr0 & cr0::pg) != 0;
}

bool refuses_pat(std::uint64_t value) {
  for (unsigned index = 0; index < 8; ++index) {
    const std::uint64_t type = (value >> (8 * index)) & 0xff;
    if (type > 7 || type == 2 || type == 3) return true;
  }
  return false;
}

}  // namespace nestwalk::paging
