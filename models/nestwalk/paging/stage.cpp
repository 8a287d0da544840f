#include "nestwalk/paging/stage.h"

#include "nestwalk/paging/register_flush.h"
#include "nestwalk/paging/register_write.h"

namespace nestwalk::paging {

guest_stage decode_guest(const paging_registers& r, const capabilities& processor, const nested_stage* second) {
  guest_stage s;
  s.format = x86_format(r, processor);
  s.linear_bits = static_cast<std::uint8_t>(linear_bits(r));
  const bool long_mode = (r.efer & efer::lma) != 0;
  const bool paging = (r.cr0 & cr0::pg) != 0;
  s.from_registers = pae_paging(r);
  s.root = gpa(r.cr3 & s.format.address);
  if (s.from_registers && second != nullptr && second->walks_pdptes()) {
    s.from_registers = false;
    s.format.levels = 3;
    s.root = pdptes_at(r);
  }
  s.pdpte = r.pdpte;
  s.reports_fetch = (r.cr4 & cr4::smep) != 0 || ((r.efer & efer::nxe) != 0 && (r.cr4 & cr4::pae) != 0);
  s.uncached = (r.cr0 & cr0::cd) != 0;
  s.pat = r.pat;
  rights_policy::controls c;
  c.paging = paging;
  c.write_protect = (r.cr0 & cr0::wp) != 0;
  c.supervisor_execute_prevention = (r.cr4 & cr4::smep) != 0;
  c.supervisor_access_prevention = (r.cr4 & cr4::smap) != 0;
  c.user_keys = long_mode && (r.cr4 & cr4::pke) != 0;
  c.supervisor_keys = long_mode && (r.cr4 & cr4::pks) != 0;
  c.pkru = r.pkru;
  c.pkrs = r.pkrs;
  c.nested_fetch_by_mode = second != nullptr && second->guest_mode_execute_trap;
  s.policy = rights_policy(c);
  return s;
}

nested_stage decode_ept(const ept_controls& c, const capabilities& processor) {
  nested_stage s;
  s.kind = nested_kind::ept;
  s.format = ept_format(c.eptp, c.mode_based_execute, processor);
  s.root = hpa(c.eptp & s.format.address);
  s.table_access_is_write = (c.eptp & eptp::accessed_dirty) != 0;
  s.mode_based_execute = c.mode_based_execute;
  s.advanced_information = c.advanced_information;
  return s;
}

nested_stage decode_npt(const paging_registers& host, const capabilities& processor, bool guest_mode_execute_trap) {
  capabilities amd = processor;
  amd.maker = vendor::amd;
  nested_stage s;
  s.kind = nested_kind::npt;
  s.format = x86_format(host, amd);
  s.format.gives = npt_rights(guest_mode_execute_trap);
  s.root = hpa(host.cr3 & s.format.address);
  s.table_access_is_write = true;
  s.reports_fetch = guest_mode_execute_trap || (host.cr4 & cr4::smep) != 0 || (host.efer & efer::nxe) != 0;
  s.guest_mode_execute_trap = guest_mode_execute_trap;
  s.pat = host.pat;
  return s;
}

const char* why_invalid_eptp(std::uint64_t pointer, const capabilities& processor) {
  const std::uint64_t type = pointer & eptp::memory_type;
  if (type != 0 && type != 6) return "bits 2:0 must be 0 (UC) or 6 (WB)";
  const unsigned levels = eptp::levels(pointer);
  if (levels != 4 && levels != 5) return "bits 5:3 must be 3 (4 levels) or 4 (5 levels)";
  if (levels == 5 && !processor.five_levels) return "bits 5:3 must be 3 (4 levels) on a processor without 5";
  if ((pointer & 0xf80) != 0) return "bits 11:7 must be 0";
  if (processor.physical_bits < 64 && (pointer >> processor.physical_bits) != 0)
    return "bits beyond the physical-address width must be 0";
  return nullptr;
}

const char* why_invalid_log(std::uint64_t address, const capabilities& processor) {
  if ((address & 0xfff) != 0) return "bits 11:0 must be 0";
  if ((address >> processor.physical_bits) != 0) return "bits beyond the physical-address width must be 0";
  return nullptr;
}

const char* why_invalid_host(const paging_registers& host, const capabilities& processor) {
  capabilities amd = processor;
  amd.maker = vendor::amd;
  if ((host.cr0 & cr0::pg) == 0) return "nested paging needs the host's CR0.PG";
  if ((host.efer & efer::lma) == 0 || (host.cr4 & cr4::pae) == 0)
    return "nested tables of a 32-bit or PAE host are not modelled; the host's EFER.LMA and CR4.PAE must be 1";
  if ((host.cr0 & cr0::cd) != 0) return "the host's CR0.CD is not modelled under nested paging";
  if ((host.cr3 >> processor.physical_bits) != 0)
    return "the nested CR3 has bits set beyond the physical-address width";
  if (not_modelled_in_cr4(host.cr4, amd) != 0) return "the host's CR4 sets bits that are reserved or not modelled";
  if (not_modelled_in_efer(host.efer) != 0) return "the host's EFER sets bits that are reserved or not modelled";
  return nullptr;
}

}  // namespace nestwalk::paging
