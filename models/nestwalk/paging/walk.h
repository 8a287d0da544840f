// One stage's walk as a step machine: it neither reads memory nor knows time.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/format.h"
#include "nestwalk/paging/mapping.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/paging/stage_rules.h"
#include "nestwalk/paging/usually.h"

namespace nestwalk::paging {

/// What a walk wants next: `read` the entry at `entry()`; `update` it, that is exchange `expected()` for `desired()`;
/// `log` the page that this has dirtied, that is write `record()` at `log_slot()`; or it is done, with a mapping or a
/// fault.
enum class walk_step : std::uint8_t { read, update, log, mapped, faulted };

/// Where a walk may begin instead of the root: the table of `level`, reached by entries whose rights AND to `gathered`.
template <class Out>
struct walk_start {
  unsigned level = 0;
  Out table;
  std::uint64_t gathered = ~std::uint64_t{0};
};

/// The walk of `In` through one stage's tables, which live in `Out`: <gva, gpa> through a `guest_stage`, <gpa, hpa>
/// through a `nested_stage`. The caller answers each step until `mapped` or `faulted`; stage and question outlive it.
///
/// Flags are asked for after the rights are found to allow the access, root to leaf. A lost exchange restarts the walk
/// from the root (of the orders that the manuals allow, this is ours). Under page-modification logging a full log ends
/// the walk before the first flag, accessed or dirty, is asked for (SDM vol. 3, 28.3.6).
template <class In, class Out>
class walk {
 public:
  using stage_type = stage_of<In>;
  using question_type = question_of<In>;
  static constexpr bool can_log = std::is_same_v<In, gpa>;  ///< whether `log` may be a step of it

  walk(const stage_type& stage, In in, const question_type& question);
  /// A walk that begins at a table that a walk cache kept.
  walk(const stage_type& stage, In in, const question_type& question, const walk_start<Out>& from);

  walk_step state() const { return state_; }
  /// The address of the entry that a `read` or `update` is about.
  Out entry() const { return at_.entry; }
  /// The level of that entry, or of the one that mapped or faulted; 1 is the lowest.
  unsigned level() const { return at_.level; }

  /// Answers `read` with the entry's value.
  walk_step value(std::uint64_t entry);
  /// Answers this `read` and those that follow it: `read(entry, level, value)` gives each value, or false to end here.
  /// What the reads have in common stays in registers; else as `value`. False where `read` was.
  template <class Read>
  bool read_down(Read&& read);
  /// `update`: the entry as it was read, and with the flags that are due.
  std::uint64_t expected() const { return values_[at_.level]; }
  std::uint64_t desired() const { return values_[at_.level] | due(at_.level); }
  /// Answers `update`: the exchange stored `desired()`.
  walk_step updated();
  /// Answers `update`: the entry had changed, nothing was stored. Walks again from the root.
  walk_step lost();

  /// `log`: the slot of the log, and the guest-physical page to be written there.
  hpa log_slot() const { return stage_->log->next(); }
  std::uint64_t record() const { return in_.base(page_4k).value; }
  /// Answers `log`: the record is written. The log goes down by one.
  walk_step logged();

  /// After `mapped`: where the address goes, and the mapping of its page.
  Out output() const { return Out(page_ + in_.offset(size_log2_)); }
  mapping<Out> result() const;
  /// After `mapped`: a later walk may begin at the table of `level`, with 1 <= level < the level where this one began
  /// and level >= the leaf's level; for a walk cache.
  walk_start<Out> reached(unsigned level) const;
  /// The level of the first entry that this walk read.
  unsigned began_at() const { return began_; }
  /// After `faulted`.
  fault why() const;

 private:
  using rules = stage_rules<In>;

  /// Where a walk has come to.
  struct cursor {
    Out entry;
    std::uint64_t gathered;  // rights and flags that all entries so far gave, as bits of an entry
    unsigned level;
  };
  /// What an entry turned out to be.
  enum class found : std::uint8_t { table, leaf, not_present, malformed };

  void begin();
  void start(unsigned level, Out table, std::uint64_t gathered);
  static found classify(const format& f, unsigned level, std::uint64_t entry);
  static found advance(const format& f, In in, cursor& at, std::uint64_t entry);
  walk_step arrive(found what, std::uint64_t entry);
  walk_step fail(walk_cause why);
  walk_step judge_leaf(std::uint64_t leaf);
  walk_step next_update();
  std::uint64_t due(unsigned level) const;
  bool logs() const;
  Out table_of(unsigned level) const;
  static std::uint64_t index_offset(const format& f, In in, unsigned level);

  const stage_type* stage_;
  const question_type* question_;
  In in_;
  cursor at_;
  std::uint64_t start_gathered_;
  Out start_table_;
  std::uint8_t began_;
  walk_step state_;
  // Each is set before it is asked for; a walk does not pay for more.
  walk_cause cause_;
  std::uint8_t leaf_;
  std::uint8_t size_log2_;
  std::uint64_t page_;
  std::array<std::uint64_t, most_levels + 1> values_;
};

}  // namespace nestwalk::paging

#include "nestwalk/paging/walk.inl"
