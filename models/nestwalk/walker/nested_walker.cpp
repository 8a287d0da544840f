#include "nestwalk/walker/nested_walker.h"

namespace nestwalk::walker {

using paging::exchange_result;
using paging::hpa;

/// Answers the steps of one walk.
template <bool ByGrants>
struct nested_walker::port {
  nested_walker& self;
  question& t;
  sc_core::sc_time time;
  read_counters& counted;

  bool read(hpa entry, unsigned level, unsigned bytes, std::uint64_t& value) {
    return self.template read_entry<ByGrants>(entry, entry, level, bytes, value, t, time, counted);
  }
  exchange_result exchange(hpa entry, unsigned level, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
    sc_core::sc_time after = time;  // so that nobody takes the address of the walk's time
    const exchange_result result = self.exchange_entry({entry, entry.value, level, bytes}, expected, desired, t, after);
    time = after;
    return result;
  }
  bool log(hpa slot, std::uint64_t record) {
    sc_core::sc_time after = time;
    const bool written = self.log_page(slot, record, t, after);
    time = after;
    return written;
  }
};

bool nested_walker::translate(question& t, sc_core::sc_time& delay) {
  if (!t.domain->nested_on) {
    t.from_cache = false;
    t.mapping = paging::mapping<hpa>{};
    return true;
  }
  return answer(t, delay, [&](bool uncached) { return walk_once(t, uncached, delay); });
}

template <bool ByGrants>
[[gnu::always_inline]] inline bool nested_walker::drive(walk& w, question& t, sc_core::sc_time& delay,
                                                        read_counters& counted) {
  port<ByGrants> p{*this, t, delay, counted};
  const bool driven = paging::drive(w, t.domain->nested.format.entry_log2, p);
  delay = p.time;
  return driven;
}

bool nested_walker::walk_once(question& t, bool uncached, sc_core::sc_time& delay) {
  const paging::nested_stage& stage = t.domain->nested;
  const epoch began = epoch_;
  const cache_content* hit = nullptr;
  walk w = may_begin_below(uncached) ? begin(t, stage, key_of(t), delay, hit) : walk(stage, t.address, t.question);
  read_counters& counted = reads_of(uncached);
  if (!(tables_.uses_dmi() ? drive<true>(w, t, delay, counted) : drive<false>(w, t, delay, counted))) return false;
  if (w.state() == paging::walk_step::faulted) {
    t.fault = w.why();
    return false;
  }
  if (cache_.built() && began == epoch_) fill(t, w);
  t.mapping = w.result();
  return true;
}

// The record follows the dirty flag, as in the manual: where memory refuses it, a machine check tells of its loss.
bool nested_walker::log_page(hpa slot, std::uint64_t record, question& t, sc_core::sc_time& delay) {
  const std::uint64_t asked = clock_.at(delay);
  const bool written = tables_.write(slot, record, delay) || refuse(t, /*level=*/0, slot);
  if (written) ++counts_.pages_logged;
  if (observer_ != nullptr) observer_->logs({t.walk, slot, record, written, since(asked, delay)});
  return written;
}

nested_walker::cache_key nested_walker::key_of(const question& t) {
  return {paging::pack(t.domain->tags, paging::mapping_kind::guest_physical)};
}

void nested_walker::fill(const question& t, const walk& w) {
  for (unsigned level = w.level(); level < w.began_at(); ++level)
    cache_.fill(t.domain->nested.format, t.address.value, key_of(t), level + 1, {w.reached(level), {}, false});
}

void nested_walker::invalidate(const paging::selector& s, sc_core::sc_time&) {
  ++epoch_;
  cache_.invalidate(s);
}

}  // namespace nestwalk::walker
