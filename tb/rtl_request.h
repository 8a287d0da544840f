// What the RTL walker is asked, as walk_pkg::request_t holds it, and how a context of the model becomes one.
#pragma once

#include <cstdint>
#include <string>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/stage.h"
#include "tb/rtl_pins.h"

namespace nestwalk::tb {

/// The fields of walk_pkg::request_t but for the access: all that is fixed for a context.
struct rtl_context {
  bool write_protect = false;
  bool uncached = false;
  bool no_execute = false;
  bool smep = false;
  bool smap = false;
  bool keys = false;
  bool global_pages = false;
  std::uint32_t pkru = 0;
  unsigned physical_bits = 46;
  bool gigabyte_pages = true;
  bool guest_amd = false;
  bool guest_on = true;
  bool guest_five = false;
  std::uint64_t guest_root = 0;  ///< page number
  std::uint32_t guest_pat = 0;   ///< eight types of three bits
  bool nested_on = false;
  bool nested_npt = false;
  bool nested_five = false;
  std::uint64_t nested_root = 0;  ///< page number
  bool ept_flags = false;
  bool ept_mode_based = false;
  bool ept_execute_only = false;
  bool ept_advanced = false;
  bool npt_no_execute = false;
  bool npt_reports_fetch = false;
  std::uint32_t npt_pat = 0;
};

/// Why the RTL walker cannot translate under `c`; empty where it can. 32-bit and PAE tables, protection keys of
/// supervisor pages and the like are refused so, at configuration.
std::string why_unsupported(const paging::domain& c);

/// What the decoded stages of `c` say, read back from them. `c` is one that the walker supports.
rtl_context rtl_context_of(const paging::domain& c);

/// The pins' value for an access under a context.
request_words pack(const rtl_context& c, paging::gva address, const paging::access& a);

}  // namespace nestwalk::tb
