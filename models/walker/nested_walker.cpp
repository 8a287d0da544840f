#include "walker/nested_walker.h"

namespace nestwalk::walker {

using paging::exchange_result;
using paging::hpa;

/// Answers the steps of one walk.
struct nested_walker::port {
  nested_walker& self;
  question& t;
  sc_core::sc_time time;

  bool read(hpa entry, unsigned level, unsigned bytes, std::uint64_t& value) {
    return self.read_entry(entry, entry, level, bytes, value, t, time);
  }
  exchange_result exchange(hpa entry, unsigned level, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
    sc_core::sc_time after = time;  // so that nobody takes the address of the walk's time
    const exchange_result result = self.exchange_entry({entry, entry.value, level, bytes}, expected, desired, t, after);
    time = after;
    return result;
  }
};

bool nested_walker::translate(question& t, sc_core::sc_time& delay) {
  if (!t.context->nested_on) {
    t.from_cache = false;
    t.mapping = paging::mapping<hpa>{};
    return true;
  }
  return answer(t, delay, [&](bool uncached) { return walk_once(t, uncached, delay); });
}

bool nested_walker::walk_once(question& t, bool uncached, sc_core::sc_time& delay) {
  const paging::nested_stage& stage = t.context->nested;
  const cache_key key{{0, 0, t.context->tags.eptp}, paging::mapping_kind::guest_physical};
  const cache_content* hit = nullptr;
  walk w = begin(t, stage, key, uncached, delay, hit);
  port p{*this, t, delay};
  const bool driven = paging::drive(w, stage.format.entry_log2, p);
  delay = p.time;
  if (!driven) return false;
  if (w.state() == paging::walk_step::faulted) {
    t.fault = w.why();
    return false;
  }
  if (cache_.built()) fill(t, key, w);
  t.mapping = w.result();
  return true;
}

void nested_walker::fill(const question& t, const cache_key& key, walk w) {
  for (unsigned level = w.level(); level < w.began_at(); ++level)
    cache_.fill(t.context->nested.format, t.address.value, key, level + 1, {w.reached(level), {}, false});
}

void nested_walker::invalidate(const paging::selector& s, sc_core::sc_time&) {
  cache_.invalidate(s);
}

}  // namespace nestwalk::walker
