// One conformance vector: the tables in memory, the registers, one access, and what must come of it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::platforms {

/// What an access comes to, in the terms of the vectors (tests/conformance/README.md).
struct vector_result {
  paging::fault_kind kind = paging::fault_kind::none;
  std::uint64_t hpa = 0;             ///< kind none
  std::uint64_t code = 0;            ///< #PF error code, exit qualification, or EXITINFO1
  std::uint64_t linear = 0;          ///< CR2 or guest-linear address
  std::uint64_t guest_physical = 0;  ///< EPT: gpa; nested page fault: EXITINFO2

  friend bool operator==(const vector_result& a, const vector_result& b) {
    return a.kind == b.kind && a.hpa == b.hpa && a.code == b.code && a.linear == b.linear &&
           a.guest_physical == b.guest_physical;
  }
};

/// Qwords of host-physical memory; an address that is not there reads as 0.
using vector_memory = std::map<std::uint64_t, std::uint64_t>;

struct conformance_vector {
  std::string id;
  std::string drawn;  ///< how it was drawn, the vectors' "case"
  paging::capabilities processor;
  paging::paging_registers guest;
  bool access_flag_ac = false;  ///< EFLAGS.AC
  unsigned cpl = 0;
  protocol::translation_controls controls;
  vector_memory before;
  vector_memory after;                  ///< only what changes
  std::set<std::uint64_t> unspecified;  ///< entries whose accessed and dirty flags are not compared
  paging::gva address;
  paging::access_type type = paging::access_type::read;
  unsigned size = 1;
  std::vector<vector_result> expected;  ///< any of these is right

  /// Bits that are not compared in an entry of `unspecified`.
  std::uint64_t flag_bits() const;
  /// The domain that registers and controls decode to.
  paging::domain domain() const;
  paging::access access() const { return {type, paging::mode_of(cpl, access_flag_ac)}; }
};

/// The result as the vectors report it of a fault.
vector_result result_of(const paging::fault& f);
/// One line that a person can read.
std::string to_string(const vector_result& r);

}  // namespace nestwalk::platforms
