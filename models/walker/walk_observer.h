// What a walker tells whoever wants to follow its walks step by step.
#pragma once

#include <cstdint>

#include <systemc>

#include "paging/address.h"
#include "paging/drive.h"
#include "paging/fault.h"
#include "protocol/memory_level.h"
#include "protocol/translation.h"

namespace nestwalk::walker {

/// One memory read of a table entry.
struct table_read {
  paging::stage_kind stage = paging::stage_kind::guest;
  unsigned level = 0;       ///< of the entry, 1 the lowest
  std::uint64_t entry = 0;  ///< its address in the space where the table lives: gpa of a guest's, hpa of a nested one
  paging::hpa at;           ///< where memory was asked
  std::uint64_t value = 0;  ///< as read
  protocol::memory_level served_by = protocol::memory_level::none;
  sc_core::sc_time latency;  ///< what memory added
};

/// One compare-and-exchange of an entry, to set flags.
struct table_exchange {
  paging::stage_kind stage = paging::stage_kind::guest;
  unsigned level = 0;
  std::uint64_t entry = 0;
  paging::hpa at;
  std::uint64_t expected = 0;
  std::uint64_t desired = 0;
  paging::exchange_result result = paging::exchange_result::stored;
  sc_core::sc_time latency;
};

/// One record of the page-modification log.
struct page_record {
  paging::hpa slot;        ///< where it was written
  std::uint64_t page = 0;  ///< the guest-physical page that a write has dirtied
  bool written = true;     ///< else memory answered an error
  sc_core::sc_time latency;
};

/// A walk that begins below the root, by a walk cache.
struct walk_cache_hit {
  paging::stage_kind stage = paging::stage_kind::guest;
  unsigned level = 0;         ///< of the cached entry: 2 a PDE, 3 a PDPTE, ...
  std::uint64_t table = 0;    ///< the table that it refers to, in the space where tables live
  bool holds_nested = false;  ///< the table's host-physical page came with it
};

/// Events of one walker or, given to both, of the guest's and the nested one's in the order in which they happen: what
/// lies between a `begins` of a gpa and its `ends` belongs to the guest walk that asked. An observer changes nothing
/// and takes no time.
class walk_observer {
 public:
  virtual ~walk_observer() = default;

  /// A walk of either stage begins; `t.context` and the question are there.
  virtual void begins(const protocol::translation<paging::gva>& t) = 0;
  virtual void begins(const protocol::translation<paging::gpa>& t) = 0;
  /// What was cached led to a fault: the same walk again, from the root with nothing cached.
  virtual void begins_again(paging::stage_kind stage) = 0;
  virtual void starts_from_cache(const walk_cache_hit& hit) = 0;
  virtual void reads(const table_read& read) = 0;
  virtual void exchanges(const table_exchange& exchange) = 0;
  virtual void logs(const page_record&) {}
  /// The second stage answered the guest's walker, `latency` after it was asked. Where no walk of that gpa began and
  /// ended in between, the answer is a hit of a nested TLB.
  virtual void second_stage_answered(const protocol::translation<paging::gpa>& t, bool mapped,
                                     sc_core::sc_time latency) = 0;
  /// The walk is over: `t.mapping` holds where `mapped`, else `t.fault`; `latency` from its beginning.
  virtual void ends(const protocol::translation<paging::gva>& t, bool mapped, sc_core::sc_time latency) = 0;
  virtual void ends(const protocol::translation<paging::gpa>& t, bool mapped, sc_core::sc_time latency) = 0;
};

}  // namespace nestwalk::walker
