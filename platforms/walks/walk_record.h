// One walk as it happened, in a form that can be shown.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <systemc>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/mapping.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/paging/vtd_entries.h"
#include "nestwalk/walker/walk_observer.h"

namespace nestwalk::platforms {

/// What happened at one step of a walk.
enum class step_kind : std::uint8_t {
  read,          ///< a table entry was read
  exchange,      ///< its flags were exchanged
  walk_cache,    ///< the walk began below the root
  second,        ///< the second stage was asked, and what follows until its answer is its walk
  nested_tlb,    ///< the second stage answered without a walk
  again,         ///< something cached led to a fault: from the root, with nothing cached
  question,      ///< a walker took the question
  look_up,       ///< a walker looked in its walk caches
  missed,        ///< the nested TLB was looked up in vain, before the walk of the second stage that follows
  logged,        ///< a record of the page-modification log was written
  device_start,  ///< a device's request is looked up in the context and PASID caches
  device_entry,  ///< an entry of the device tables was read
  tlb_missed,    ///< a device's request is not in the unit's TLB
};

/// One step; the fields that its kind does not define are zero.
struct walk_step {
  step_kind kind = step_kind::read;
  paging::stage_kind stage = paging::stage_kind::guest;
  unsigned level = 0;         ///< of the entry; of the device tables its kind
  std::uint64_t entry = 0;    ///< its address, in the space where the tables of the stage live
  std::uint64_t value = 0;    ///< read; of an exchange what was expected; of a walk-cache hit the table
  std::uint64_t desired = 0;  ///< of an exchange
  paging::exchange_result result = paging::exchange_result::stored;
  protocol::memory_level served_by = protocol::memory_level::none;
  paging::purpose why = paging::purpose::data_page;  ///< the second stage was asked
  sc_core::sc_time took;                             ///< all of it
  sc_core::sc_time memory;                           ///< memory's part
  bool answered = true;                              ///< a device-table entry: else memory answered an error
  bool context_kept = false;                         ///< `device_start`: the context cache has the entry
  bool pasid_kept = false;                           ///< and the PASID cache
  std::uint64_t cycles = 0;                          ///< `took`, rounded so that those of a walk add up to the walk's
};

/// A guest walk with all that it asked of the second stage.
struct walk_record {
  paging::gva address;
  paging::access access;
  bool nested = false;                                           ///< a second stage was on
  paging::nested_kind nested_format = paging::nested_kind::ept;  ///< its format
  sc_core::sc_time began;                                        ///< local time
  std::vector<walk_step> steps;
  std::vector<paging::vtd::entry> device_entries;  ///< as their steps, one after the other
  bool mapped = false;
  paging::hpa output;
  paging::mapping<paging::hpa> mapping;  ///< where mapped
  paging::fault fault;                   ///< where not
  std::uint64_t began_cycles = 0;        ///< `began`, in whole cycles since the start
  std::uint64_t cycles = 0;
  std::uint64_t memory_cycles = 0;  ///< memory's part of them, rounded once
};

/// A time in whole cycles, rounded.
std::uint64_t cycles_of(const sc_core::sc_time& time, const sc_core::sc_time& cycle);

/// Counts the cycles of each step, from whole cycle to whole cycle of the walk's time so that none is lost between two,
/// and memory's part of all.
void count_cycles(walk_record& record, const sc_core::sc_time& cycle);

}  // namespace nestwalk::platforms
