// What the walkers of both stages share.
#pragma once

#include <string>

#include <systemc>
#include <tlm>

#include "nestwalk/paging/drive.h"
#include "nestwalk/paging/two_stage_walk.h"
#include "nestwalk/paging/usually.h"
#include "nestwalk/paging/walk.h"
#include "nestwalk/protocol/error.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/translation.h"
#include "nestwalk/timing/local_time.h"
#include "nestwalk/walker/table_memory.h"
#include "nestwalk/walker/walk_cache.h"
#include "nestwalk/walker/walk_observer.h"
#include "nestwalk/walker/walker_config.h"
#include "nestwalk/walker/walker_counters.h"

namespace nestwalk::walker {

/// The space in which the tables of a stage live, and into which they translate.
template <class In>
struct next_space;
template <>
struct next_space<paging::gva> {
  using type = paging::gpa;
  static constexpr paging::stage_kind stage = paging::stage_kind::guest;
};
template <>
struct next_space<paging::gpa> {
  using type = paging::hpa;
  static constexpr paging::stage_kind stage = paging::stage_kind::nested;
};

/// Sockets, walk caches, counters, and the rule that only a walk with nothing cached faults; `guest_walker` and
/// `nested_walker` add how a walk of their stage goes. A walk's state lives in the walk: with a memory that does not
/// wait, one is under way at a time; with one that does, as many as there are initiators.
template <class In>
class walker : public sc_core::sc_module, protected protocol::translation_fw_if<In> {
 public:
  using out = typename next_space<In>::type;
  static constexpr paging::stage_kind stage = next_space<In>::stage;

  /// Faces those who ask for translations: TLBs, a walker of the stage above, any number.
  protocol::translation_target_socket<In> requests{"requests"};
  /// Faces memory, where table entries are read and their flags exchanged, by host-physical address.
  protocol::memory_initiator_socket memory{"memory"};

  const walker_counters& counts() const { return counts_; }
  void describe(statistics::group& into) { counts_.describe(into); }
  /// Tells `observer` of every step from now on; null for none.
  void observe(walk_observer* observer) { observer_ = observer; }

 protected:
  void end_of_elaboration() override { tables_.end_of_elaboration(); }

  using question = protocol::translation<In>;
  using walk = paging::walk<In, out>;
  using cache_key = typename walk_cache<out>::key;
  using cache_content = typename walk_cache<out>::content;

  walker(const sc_core::sc_module_name& name, const walker_config& config)
      : sc_module(name),
        tables_(memory, config.use_dmi),
        cache_(config.caches, this->name()),
        start_time_(config.cycle * config.start_cycles),
        step_time_(config.cycle * config.step_cycles),
        exchange_time_(config.cycle * config.exchange_cycles),
        cache_time_(config.cycle * config.cache_cycles),
        cycles_per_tick_(1.0 / static_cast<double>(config.cycle.value())) {
    if (config.cycle == sc_core::SC_ZERO_TIME)
      throw input_error(std::string(this->name()) + ".cycle: a clock period of 0; take one above 0, such as 0.4 ns");
    requests.bind(static_cast<protocol::translation_fw_if<In>&>(*this));
    memory.bind(tables_);
  }

  /// Answers `t` by `once(uncached)`, a walk that says whether it mapped; where it faulted and something cached took
  /// part, by a second one with nothing cached.
  template <class Once>
  bool answer(question& t, sc_core::sc_time& delay, Once&& once) {
    const std::uint64_t asked = clock_.at(delay);
    if (observer_ != nullptr) begin_observed(t, asked);
    t.from_cache = false;
    delay += start_time_;
    bool mapped = false;
    if (!t.uncached) {
      ++counts_.walks;
      mapped = once(/*uncached=*/false);
      counts_.latency.add(cycles(clock_.at(delay) - asked));
      if (!mapped && t.from_cache) mapped = once_more(t, delay, once);
    } else {
      mapped = walk_apart(asked, delay, once);
    }
    if (!mapped) ++counts_.faults_by_kind[static_cast<unsigned>(t.fault.kind)];
    if (observer_ != nullptr) observer_->ends(t, mapped, since(asked, delay));
    return mapped;
  }

  /// Whether a walk may begin elsewhere than at the root.
  bool may_begin_below(bool uncached) const { return !uncached && cache_.built(); }

  /// A walk from what the walk caches keep, else from the root; `hit` is what they kept, or null.
  walk begin(question& t, const paging::stage_of<In>& s, const cache_key& k, sc_core::sc_time& delay,
             const cache_content*& hit) {
    delay += cache_time_;
    if (observer_ != nullptr) observer_->spends(t.walk, stage, walker_work::walk_cache, cache_time_);
    hit = cache_.find(s.format, t.address.value, k);
    if (hit == nullptr) {
      ++counts_.cache_misses;
      return walk(s, t.address, t.question);
    }
    t.from_cache = true;
    const unsigned held = hit->start.level + 1;  // the level of the entry that leads to the table
    ++counts_.cache_hits_by_level[held];
    if (observer_ != nullptr)
      observer_->starts_from_cache({t.walk, stage, held, hit->start.table.value, hit->holds_host});
    return walk(s, t.address, t.question, hit->start);
  }

  /// Where an entry is: at `entry` in the space of its tables, at `at` in memory.
  struct place {
    paging::hpa at;
    std::uint64_t entry = 0;
    unsigned level = 0;
    unsigned bytes = 8;
  };

  /// Where the reads of a walk count.
  read_counters& reads_of(bool uncached) { return uncached ? counts_.again : counts_; }

  /// Reads the entry at `at` in memory, which is at `entry` in its own space; false, and the fault in `t`, where memory
  /// answers an error. `ByGrants` as `tables_.uses_dmi()`: two loops, each short.
  template <bool ByGrants>
  [[gnu::always_inline]] bool read_entry(paging::hpa at, out entry, unsigned level, unsigned bytes,
                                         std::uint64_t& value, question& t, sc_core::sc_time& time,
                                         read_counters& counted) {
    ++counted.reads_by_level[level];
    time += step_time_;
    if (ByGrants && paging::usually(observer_ == nullptr)) {
      if (const dmi_grants::grant* const g = tables_.recent_grant(at)) {
        value = table_memory::load(*g, at, bytes);
        time = g->after(dmi_grants::act::read, at.value, bytes, time);
        ++counted.reads_by_server[static_cast<unsigned>(g->served_by)];
        return true;
      }
    }
    const auto take = [&](const table_memory::answer& a) {
      value = a.value;
      time = a.time;
      ++counted.reads_by_server[static_cast<unsigned>(a.served_by)];
      return a.ok || refuse(t, level, at);
    };
    if (!paging::usually(observer_ == nullptr))
      return take(read_observed(t.walk, {at, entry.value, level, bytes}, time));
    if constexpr (ByGrants)
      return take(tables_.read(at, bytes, time));
    else
      return tables_.read_by_transport(at, bytes, time, take);
  }

  /// Exchanges that entry, to set flags; where that fails the fault is in `t`.
  paging::exchange_result exchange_entry(const place& p, std::uint64_t expected, std::uint64_t desired, question& t,
                                         sc_core::sc_time& time);

  /// Memory answered an error to the entry at `at`.
  static bool refuse(question& t, unsigned level, paging::hpa at, paging::purpose why = paging::purpose::table_entry) {
    t.fault = paging::memory_error(stage, level, at, why);
    return false;
  }

  /// Answers `t` from the tables as they stand, without effect.
  bool look_up(question& t) {
    looking_memory looked_at{tables_};
    const paging::outcome seen =
        paging::two_stage_walk<looking_memory>(*t.domain, looked_at).translate(t.address, t.question);
    t.from_cache = false;
    t.flags_were_set = seen.flags_were_set;
    t.mapping = seen.page;
    t.fault = seen.failure;
    return seen.mapped();
  }

  /// What has passed since local time `asked`, in cycles and as a time.
  std::uint64_t cycles(std::uint64_t ticks) const {
    return static_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(ticks)) * cycles_per_tick_ + 0.5);
  }
  sc_core::sc_time since(std::uint64_t asked, const sc_core::sc_time& delay) const {
    return sc_core::sc_time::from_value(clock_.at(delay) - asked);
  }

  timing::local_clock clock_;
  table_memory tables_;
  walk_cache<out> cache_;
  walker_counters counts_;
  walk_observer* observer_ = nullptr;
  /// Moves on with every invalidation: what a walk found before one is used for its access and not kept.
  using epoch = std::uint64_t;
  epoch epoch_ = 0;

 private:
  // What the untimed composition reads from: debug transport, and flags stay as they are.
  struct looking_memory {
    table_memory& tables;
    bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) { return tables.look(at, bytes, value); }
    paging::exchange_result exchange(paging::hpa, unsigned, std::uint64_t, std::uint64_t) {
      return paging::exchange_result::stored;
    }
  };

  template <class Once>
  bool once_more(question& t, sc_core::sc_time& delay, Once& once) {
    if (observer_ != nullptr) observer_->begins_again(t.walk, stage);
    t.from_cache = false;
    t.fault = paging::fault{};
    return walk_apart(clock_.at(delay), delay, once);
  }

  // A walk with nothing cached, begun at local time `asked`, that is done again or part of one that is.
  template <class Once>
  [[gnu::noinline]] bool walk_apart(std::uint64_t asked, sc_core::sc_time& delay, Once& once) {
    ++counts_.rewalks;
    const bool mapped = once(/*uncached=*/true);
    counts_.rewalk_cycles += cycles(clock_.at(delay) - asked);
    return mapped;
  }

  // Tells of the walk's beginning; one that belongs to no observed walk of the first stage gets a number of its own.
  [[gnu::noinline]] void begin_observed(question& t, std::uint64_t asked) {
    if (t.walk == 0) t.walk = observer_->next_walk();
    observer_->begins(t, sc_core::sc_time::from_value(asked));
    observer_->spends(t.walk, stage, walker_work::question, start_time_);
  }

  [[gnu::noinline]] table_memory::answer read_observed(std::uint64_t of, const place& p, sc_core::sc_time time);

  sc_core::sc_time start_time_;
  sc_core::sc_time step_time_;
  sc_core::sc_time exchange_time_;
  sc_core::sc_time cache_time_;
  double cycles_per_tick_;
};

template <class In>
table_memory::answer walker<In>::read_observed(std::uint64_t of, const place& p, sc_core::sc_time time) {
  const std::uint64_t asked = clock_.at(time);
  const table_memory::answer a = tables_.read(p.at, p.bytes, time);
  if (a.ok)
    observer_->reads({of, stage, p.level, p.entry, p.at, a.value, a.served_by, step_time_, since(asked, a.time)});
  return a;
}

template <class In>
paging::exchange_result walker<In>::exchange_entry(const place& p, std::uint64_t expected, std::uint64_t desired,
                                                   question& t, sc_core::sc_time& time) {
  time += exchange_time_;
  const std::uint64_t asked = clock_.at(time);
  const paging::exchange_result result = tables_.exchange(p.at, p.bytes, expected, desired, time);
  ++counts_.exchanges;
  if (result == paging::exchange_result::changed) ++counts_.lost_exchanges;
  if (result == paging::exchange_result::failed) refuse(t, p.level, p.at, paging::purpose::flag_update);
  if (observer_ != nullptr)
    observer_->exchanges(
        {t.walk, stage, p.level, p.entry, p.at, expected, desired, result, exchange_time_, since(asked, time)});
  return result;
}

}  // namespace nestwalk::walker
