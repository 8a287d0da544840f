#include "platforms/cycles/walk_times.h"

namespace nestwalk::platforms {

// What the second stage took beyond its walk is the nested TLB's.
void walk_times::second_stage_answered(const protocol::translation<paging::gpa>&, bool, sc_core::sc_time latency) {
  nested_tlb += (latency - nested_walks_).value();
  nested_walks_ = sc_core::SC_ZERO_TIME;
}

void walk_times::ends(const protocol::translation<paging::gpa>& t, bool, sc_core::sc_time latency) {
  // One that no guest walk asked for, as of a PDPTE, is answered to nobody who tells.
  if (t.question.linear_valid) nested_walks_ += latency;
}

}  // namespace nestwalk::platforms
