// What a walker tells whoever wants to follow its walks step by step.
#pragma once

#include <cstdint>

#include <systemc>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/drive.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/protocol/memory_level.h"
#include "nestwalk/protocol/translation.h"

namespace nestwalk::walker {

/// One memory read of a table entry.
struct table_read {
  std::uint64_t walk = 0;  ///< the walk that it belongs to
  paging::stage_kind stage = paging::stage_kind::guest;
  unsigned level = 0;       ///< of the entry, 1 the lowest
  std::uint64_t entry = 0;  ///< its address in the space where the table lives: gpa of a guest's, hpa of a nested one
  paging::hpa at;           ///< where memory was asked
  std::uint64_t value = 0;  ///< as read
  protocol::memory_level served_by = protocol::memory_level::none;
  sc_core::sc_time step;     ///< what the walker added
  sc_core::sc_time latency;  ///< what memory added, after that
};

/// One compare-and-exchange of an entry, to set flags.
struct table_exchange {
  std::uint64_t walk = 0;  ///< the walk that it belongs to
  paging::stage_kind stage = paging::stage_kind::guest;
  unsigned level = 0;
  std::uint64_t entry = 0;
  paging::hpa at;
  std::uint64_t expected = 0;
  std::uint64_t desired = 0;
  paging::exchange_result result = paging::exchange_result::stored;
  sc_core::sc_time step;     ///< what the walker added
  sc_core::sc_time latency;  ///< what memory added, after that
};

/// One record of the page-modification log.
struct page_record {
  std::uint64_t walk = 0;  ///< the walk that it belongs to
  paging::hpa slot;        ///< where it was written
  std::uint64_t page = 0;  ///< the guest-physical page that a write has dirtied
  bool written = true;     ///< else memory answered an error
  sc_core::sc_time latency;
};

/// A walk that begins below the root, by a walk cache.
struct walk_cache_hit {
  std::uint64_t walk = 0;  ///< the walk that it belongs to
  paging::stage_kind stage = paging::stage_kind::guest;
  unsigned level = 0;         ///< of the cached entry: 2 a PDE, 3 a PDPTE, ...
  std::uint64_t table = 0;    ///< the table that it refers to, in the space where tables live
  bool holds_nested = false;  ///< the table's host-physical page came with it
};

/// What a walker spends time on that is no step of a walk.
enum class walker_work : std::uint8_t {
  question,    ///< to take a question and to answer it
  walk_cache,  ///< to look in its walk caches
};

/// Events of one walker or, given to both, of the guest's and the nested one's in the order in which they happen. Each
/// says which walk it belongs to (`walk`, of the translation or of the event): what the second stage does for a walk of
/// the first carries that walk's number. With a memory that waits, events of several walks come mixed. An observer
/// changes nothing and takes no time.
class walk_observer {
 public:
  virtual ~walk_observer() = default;

  /// A number that no walk has had; never 0.
  std::uint64_t next_walk() { return ++walks_; }

  /// A walk of either stage begins at local time `now`; `t.domain` and the question are there.
  virtual void begins(const protocol::translation<paging::gva>& t, const sc_core::sc_time& now) = 0;
  virtual void begins(const protocol::translation<paging::gpa>& t, const sc_core::sc_time& now) = 0;
  /// What was cached led to a fault: the same walk again, from the root with nothing cached.
  virtual void begins_again(std::uint64_t walk, paging::stage_kind stage) = 0;
  /// Time of a walk beside that of its steps. All that is told of a walk, and what `second_stage_answered` says beyond
  /// its walks, adds up to the latency of its end.
  virtual void spends(std::uint64_t /*walk*/, paging::stage_kind, walker_work, sc_core::sc_time) {}
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

 private:
  std::uint64_t walks_ = 0;
};

}  // namespace nestwalk::walker
