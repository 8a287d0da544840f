#include "platforms/conform/vector.h"

#include <fmt/format.h>

#include "nestwalk/paging/register_flush.h"

namespace nestwalk::platforms {

using paging::fault_kind;

std::uint64_t conformance_vector::flag_bits() const {
  const std::uint64_t x86 = paging::x86_entry::a | paging::x86_entry::d;
  const bool ept = controls.nested_paging && controls.format == paging::nested_kind::ept;
  return ept ? x86 | paging::ept_entry::a | paging::ept_entry::d : x86;
}

paging::domain conformance_vector::domain() const {
  paging::domain c;
  c.guest = paging::decode_guest(guest, processor);
  c.nested_on = controls.nested_paging;
  if (!c.nested_on) return c;
  const bool ept = controls.format == paging::nested_kind::ept;
  c.nested = ept ? paging::decode_ept(controls.ept, processor) : paging::decode_npt(controls.host, processor);
  c.tags.second = c.nested.root.value >> 12;
  return c;
}

vector_result result_of(const paging::fault& f) {
  vector_result r;
  r.kind = f.kind;
  r.code = f.kind == fault_kind::page_fault ? f.error_code : f.qualification;
  if (f.kind == fault_kind::page_fault || f.kind == fault_kind::ept_violation) r.linear = f.linear.value;
  r.guest_physical = f.guest_physical.value;
  return r;
}

std::string to_string(const vector_result& r) {
  switch (r.kind) {
    case fault_kind::none: return fmt::format("ok, hpa {:#x}", r.hpa);
    case fault_kind::page_fault: return fmt::format("page_fault, error code {:#x}, cr2 {:#x}", r.code, r.linear);
    case fault_kind::ept_violation:
      return fmt::format("ept_violation, qualification {:#x}, gpa {:#x}, gla {:#x}", r.code, r.guest_physical,
                         r.linear);
    case fault_kind::ept_misconfiguration: return fmt::format("ept_misconfiguration, gpa {:#x}", r.guest_physical);
    case fault_kind::nested_page_fault:
      return fmt::format("nested_page_fault, exitinfo1 {:#x}, exitinfo2 {:#x}", r.code, r.guest_physical);
    case fault_kind::general_protection:
    case fault_kind::page_modification_log_full:
    case fault_kind::remapping_fault:
    case fault_kind::memory_error: break;
  }
  return paging::name_of(r.kind);
}

}  // namespace nestwalk::platforms
