// What the RTL walker answers, as walk_pkg::response_t holds it, and the model's outcome that it stands for.
#pragma once

#include <cstdint>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/mapping.h"
#include "nestwalk/paging/two_stage_walk.h"
#include "tb/rtl_pins.h"
#include "tb/rtl_request.h"

namespace nestwalk::tb {

/// walk_pkg's Result constants.
enum class rtl_result : std::uint8_t {
  mapped,
  not_admitted,
  not_present,
  malformed,
  forbidden,
  memory_error,
  squashed,
  flag_due
};

/// The fields of walk_pkg::response_t.
struct rtl_response {
  rtl_result result = rtl_result::mapped;
  bool nested_stage = false;
  unsigned level = 0;
  paging::purpose why = paging::purpose::data_page;
  unsigned code = 0;
  std::uint64_t guest_physical = 0;  ///< bytes; bits 2:0 are 0
  std::uint64_t address = 0;         ///< bytes: the page, or the entry whose access failed
  unsigned rights = 0;
  unsigned key = 0;
  unsigned memory_type = 0;
  bool global = false;
  unsigned guest_level = 0;
  unsigned nested_level = 0;
  unsigned reads = 0;
};

rtl_response unpack(const response_words& words);

/// The outcome in the model's terms. `squashed` and `flag_due` have none.
paging::outcome outcome_of(const rtl_response& r, const rtl_context& c, paging::gva address);

}  // namespace nestwalk::tb
