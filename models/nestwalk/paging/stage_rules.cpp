#include "nestwalk/paging/stage_rules.h"

#include "nestwalk/paging/fault_report.h"

namespace nestwalk::paging {

namespace {

// What happened, as both stages tell it.
fault ended(stage_kind stage, const walk_end& end) {
  fault f;
  f.stage = stage;
  f.cause = end.cause;
  f.level = end.level;
  f.granted = end.granted;
  return f;
}

}  // namespace

fault stage_rules<gva>::why(const guest_stage& s, gva in, const access& a, const walk_end& end) {
  fault f = ended(stage_kind::guest, end);
  f.type = a.type;
  f.linear = in;
  if (end.cause == walk_cause::not_admitted) {
    f.kind = fault_kind::general_protection;
    return f;
  }
  f.kind = fault_kind::page_fault;
  f.error_code = page_fault_error_code(f, a, s);
  return f;
}

fault stage_rules<gpa>::why(const nested_stage& s, gpa in, const nested_access& a, const walk_end& end) {
  fault f = ended(stage_kind::nested, end);
  f.why = a.why;
  f.type = a.type;
  f.table_level = a.table_level;
  if (end.cause == walk_cause::log_full) {  // the exit qualification's one bit, NMI unblocking, is not modelled
    f.kind = fault_kind::page_modification_log_full;
    return f;
  }
  f.guest_physical = in;
  if (s.kind == nested_kind::vtd) {
    f.kind = fault_kind::remapping_fault;
  } else if (s.kind == nested_kind::npt) {
    f.kind = fault_kind::nested_page_fault;
    f.qualification = nested_page_fault_information(f, a, s);
  } else if (end.cause == walk_cause::malformed) {
    f.kind = fault_kind::ept_misconfiguration;
  } else {
    f.kind = fault_kind::ept_violation;
    f.qualification = ept_exit_qualification(f, a, s);
    if (a.linear_valid) f.linear = a.linear;
  }
  return f;
}

}  // namespace nestwalk::paging
