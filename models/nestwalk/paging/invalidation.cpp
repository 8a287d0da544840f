#include "nestwalk/paging/invalidation.h"

namespace nestwalk::paging {

namespace {

// Linear and combined mappings of one VPID or ASID: what the instructions of a guest reach.
selector of_space(std::uint16_t space) {
  selector s;
  s.linear = s.combined = true;
  s.match_space = true;
  s.tags.space = space;
  return s;
}

selector of_process(std::uint16_t space, std::uint32_t process) {
  selector s = of_space(space);
  s.match_process = true;
  s.tags.process = process;
  s.globals = false;
  return s;
}

void only_at(selector& s, std::uint64_t address) {
  s.by_address = true;
  s.first = s.last = address;
}

}  // namespace

selector invlpg(gva address, const translation_tags& now) {
  selector s = of_process(now.space, now.process);
  s.globals = true;
  only_at(s, address.value);
  return s;
}

selector mov_cr3(std::uint16_t pcid, const translation_tags& now) {
  return of_process(now.space, pcid);
}

selector whole_vpid(const translation_tags& now) {
  return of_space(now.space);
}

selector invpcid(invpcid_type type, std::uint16_t pcid, gva address, const translation_tags& now) {
  selector s = of_process(now.space, pcid);
  switch (type) {
    case invpcid_type::individual_address: only_at(s, address.value); break;
    case invpcid_type::single_context: break;
    case invpcid_type::all_with_globals:
      s.match_process = false;
      s.globals = true;
      break;
    case invpcid_type::all: s.match_process = false; break;
  }
  return s;
}

selector invept(invept_type type, std::uint64_t eptp) {
  selector s;
  s.combined = s.guest_physical = true;
  s.match_second = type == invept_type::single_context;
  s.tags.second = (eptp & 0x000ffffffffff000) >> 12;
  return s;
}

selector invvpid(invvpid_type type, std::uint16_t vpid, gva address) {
  selector s = of_space(vpid);
  switch (type) {
    case invvpid_type::individual_address: only_at(s, address.value); break;
    case invvpid_type::single_context: break;
    case invvpid_type::all_context: s.match_space = false; break;
    case invvpid_type::single_context_retaining_globals: s.globals = false; break;
  }
  return s;
}

selector vm_transition_without_vpid() {
  return of_space(0);
}

selector invlpga(gva address, std::uint16_t asid) {
  selector s = of_space(asid);
  only_at(s, address.value);
  return s;
}

selector everything() {
  selector s;
  s.linear = s.combined = s.guest_physical = true;
  return s;
}

selector vmrun(tlb_control control, std::uint16_t asid) {
  selector s;
  switch (control) {
    case tlb_control::nothing: s.walk_caches = false; return s;
    case tlb_control::flush_all: s.linear = s.combined = s.guest_physical = true; return s;
    case tlb_control::flush_asid:
    case tlb_control::flush_asid_keep_globals: break;
  }
  s = of_space(asid);
  s.guest_physical = true;
  s.globals = control == tlb_control::flush_asid;
  return s;
}

selector ept_violation_guest_physical(gpa address, const translation_tags& now) {
  selector s;
  s.guest_physical = true;
  s.match_second = true;
  s.tags = now;
  only_at(s, address.value);
  return s;
}

selector ept_violation_combined(gva address, const translation_tags& now) {
  selector s = invlpg(address, now);
  s.linear = false;
  s.match_second = true;
  s.tags.second = now.second;
  return s;
}

selector page_fault(gva address, const translation_tags& now) {
  return invlpg(address, now);
}

}  // namespace nestwalk::paging
