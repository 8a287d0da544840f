#include "nestwalk/paging/fault_report.h"

#include "nestwalk/paging/stage_rules.h"

namespace nestwalk::paging {

std::uint32_t page_fault_error_code(const fault& f, const access& a, const guest_stage& s) {
  std::uint32_t code = 0;
  if (f.cause == walk_cause::malformed) code |= pf::p | pf::rsvd;
  if (f.cause == walk_cause::forbidden) {
    code |= pf::p;
    if (s.policy.key_denies(a, f.granted)) code |= pf::pk;
  }
  if (a.type == access_type::write) code |= pf::wr;
  if (a.user()) code |= pf::us;
  if (a.type == access_type::fetch && s.reports_fetch) code |= pf::id;
  return code;
}

std::uint64_t ept_exit_qualification(const fault& f, const nested_access& a, const nested_stage& s) {
  namespace q = ept_qualification;
  const bool writes = stage_rules<gpa>::writes(s, a);
  std::uint64_t code = 0;
  if (a.why == purpose::data_page)
    code |= a.type == access_type::read ? q::read : a.type == access_type::write ? q::write : q::fetch;
  else
    code |= q::read | (writes ? q::write : 0);
  const unsigned had = f.cause == walk_cause::not_admitted ? 0 : f.granted.bits;
  code |= std::uint64_t{(had & rights::nested_mask & ~rights::nested_execute_user)};
  if (s.mode_based_execute) code |= std::uint64_t{had & rights::nested_execute_user};
  if (!a.linear_valid) return code;
  code |= q::linear_valid;
  if (a.why != purpose::data_page) return code;
  code |= q::linear_translated;
  if (!s.advanced_information) return code;
  if (a.linear_rights.has(rights::user)) code |= q::linear_user;
  if (a.linear_rights.has(rights::writable)) code |= q::linear_writable;
  if (!a.linear_rights.has(rights::executable)) code |= q::linear_no_execute;
  return code;
}

std::uint64_t nested_page_fault_information(const fault& f, const nested_access& a, const nested_stage& s) {
  std::uint64_t code = a.why == purpose::data_page ? npf::final_address : npf::guest_tables;
  const bool supervisor = s.guest_mode_execute_trap && a.why == purpose::data_page && !a.user;
  if (!supervisor) code |= pf::us;
  if (stage_rules<gpa>::writes(s, a)) code |= pf::wr;
  if (a.why == purpose::data_page && a.type == access_type::fetch && s.reports_fetch) code |= pf::id;
  if (f.cause == walk_cause::malformed) code |= pf::p | pf::rsvd;
  if (f.cause == walk_cause::forbidden) code |= pf::p;
  return code;
}

}  // namespace nestwalk::paging
