// One walk as it happened, in a form that can be shown.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <systemc>

#include "paging/fault.h"
#include "paging/mapping.h"
#include "paging/stage.h"
#include "walker/walk_observer.h"

namespace nestwalk::platforms {

/// What happened at one step of a walk.
enum class step_kind : std::uint8_t {
  read,        ///< a table entry was read
  exchange,    ///< its flags were exchanged
  walk_cache,  ///< the walk began below the root
  second,      ///< the second stage was asked, and what follows until its answer is its walk
  nested_tlb,  ///< the second stage answered without a walk
  again,       ///< something cached led to a fault: from the root, with nothing cached
};

/// One step; the fields that its kind does not define are zero.
struct walk_step {
  step_kind kind = step_kind::read;
  paging::stage_kind stage = paging::stage_kind::guest;
  unsigned level = 0;         ///< of the entry
  std::uint64_t entry = 0;    ///< its address, in the space where the tables of the stage live
  std::uint64_t value = 0;    ///< read; of an exchange what was expected; of a walk-cache hit the table
  std::uint64_t desired = 0;  ///< of an exchange
  paging::exchange_result result = paging::exchange_result::stored;
  protocol::memory_level served_by = protocol::memory_level::none;
  paging::purpose why = paging::purpose::data_page;  ///< the second stage was asked
  std::uint64_t cycles = 0;
};

/// A guest walk with all that it asked of the second stage.
struct walk_record {
  paging::gva address;
  paging::access access;
  bool nested = false;                                           ///< a second stage was on
  paging::nested_kind nested_format = paging::nested_kind::ept;  ///< its format
  std::vector<walk_step> steps;
  bool mapped = false;
  paging::hpa output;
  paging::mapping<paging::hpa> mapping;  ///< where mapped
  paging::fault fault;                   ///< where not
  std::uint64_t cycles = 0;
};

}  // namespace nestwalk::platforms
