#include "paging/stage_rules.h"

namespace nestwalk::paging {

fault stage_rules<gva>::why(const guest_stage& s, gva in, const access& a, const walk_end& end) {
  fault f;
  f.stage = stage_kind::guest;
  f.level = end.level;
  f.linear = in;
  if (end.cause == walk_cause::not_admitted) {
    f.kind = fault_kind::general_protection;
    return f;
  }
  f.kind = fault_kind::page_fault;
  if (end.cause == walk_cause::malformed) f.error_code |= pf::p | pf::rsvd;
  if (end.cause == walk_cause::forbidden) {
    f.error_code |= pf::p;
    if (s.policy.key_denies(a, end.granted)) f.error_code |= pf::pk;
  }
  if (a.type == access_type::write) f.error_code |= pf::wr;
  if (a.user()) f.error_code |= pf::us;
  if (a.type == access_type::fetch && s.reports_fetch) f.error_code |= pf::id;
  return f;
}

fault stage_rules<gpa>::why(const nested_stage& s, gpa in, const nested_access& a, const walk_end& end) {
  if (end.cause == walk_cause::log_full) {  // the exit qualification's one bit, NMI unblocking, is not modelled
    fault full;
    full.kind = fault_kind::page_modification_log_full;
    full.stage = stage_kind::nested;
    full.level = end.level;
    return full;
  }
  fault f = s.kind == nested_kind::ept ? violation(s, in, a, end) : nested_page_fault(s, in, a, end);
  f.stage = stage_kind::nested;
  f.level = end.level;
  f.guest_physical = in;
  return f;
}

fault stage_rules<gpa>::violation(const nested_stage& s, gpa, const nested_access& a, const walk_end& end) {
  namespace q = ept_qualification;
  fault f;
  if (end.cause == walk_cause::malformed) {
    f.kind = fault_kind::ept_misconfiguration;
    return f;
  }
  f.kind = fault_kind::ept_violation;
  if (a.why == purpose::data_page) {
    f.qualification |= a.type == access_type::read ? q::read : a.type == access_type::write ? q::write : q::fetch;
  } else {
    f.qualification |= q::read | (writes(s, a) ? q::write : 0);
  }
  const unsigned had = end.cause == walk_cause::not_admitted ? 0 : end.granted.bits;
  f.qualification |= std::uint64_t{(had & rights::nested_mask & ~rights::nested_execute_user)};
  if (s.mode_based_execute) f.qualification |= std::uint64_t{had & rights::nested_execute_user};
  if (!a.linear_valid) return f;
  f.linear = a.linear;
  f.qualification |= q::linear_valid;
  if (a.why != purpose::data_page) return f;
  f.qualification |= q::linear_translated;
  if (!s.advanced_information) return f;
  if (a.linear_rights.has(rights::user)) f.qualification |= q::linear_user;
  if (a.linear_rights.has(rights::writable)) f.qualification |= q::linear_writable;
  if (!a.linear_rights.has(rights::executable)) f.qualification |= q::linear_no_execute;
  return f;
}

fault stage_rules<gpa>::nested_page_fault(const nested_stage& s, gpa, const nested_access& a, const walk_end& end) {
  fault f;
  f.kind = fault_kind::nested_page_fault;
  f.qualification = a.why == purpose::data_page ? npf::final_address : npf::guest_tables;
  const bool supervisor = s.guest_mode_execute_trap && a.why == purpose::data_page && !a.user;
  if (!supervisor) f.qualification |= pf::us;
  if (writes(s, a)) f.qualification |= pf::wr;
  if (a.why == purpose::data_page && a.type == access_type::fetch && s.reports_fetch) f.qualification |= pf::id;
  if (end.cause == walk_cause::malformed) f.qualification |= pf::p | pf::rsvd;
  if (end.cause == walk_cause::forbidden) f.qualification |= pf::p;
  return f;
}

}  // namespace nestwalk::paging
