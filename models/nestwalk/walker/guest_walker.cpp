#include "nestwalk/walker/guest_walker.h"

#include <array>

namespace nestwalk::walker {

using paging::exchange_result;
using paging::gpa;
using paging::hpa;
using paging::purpose;
using paging::rights;
using paging::stage_rules;

namespace {

/// Whether a mapping lets the guest's walker use the page as a table, with no nested flag left to set.
bool permits_table_access(const paging::nested_stage& s, rights granted) {
  const paging::nested_access a{paging::access_type::read, purpose::table_entry, true, rights{}, {}};
  return stage_rules<gpa>::permits(s, a, granted) && (!stage_rules<gpa>::writes(s, a) || granted.has(rights::dirty));
}

}  // namespace

/// What a walk asks of the second stage, and the host page of each table that it read.
struct guest_walker::nested_question {
  protocol::translation<gpa> ask;
  std::array<table_page, paging::most_levels + 1> tables{};  // by the level of their entries
};

/// Answers the steps of one walk.
template <bool ByGrants>
struct guest_walker::port {
  guest_walker& self;
  question& t;
  nested_question& second;
  sc_core::sc_time& delay;
  bool nested;
  unsigned known;  // the first read is of the table of this level, whose host page is known; 0: of none
  read_counters& counted;

  bool read(gpa entry, unsigned level, unsigned bytes, std::uint64_t& value) {
    hpa at(entry.value);
    if (nested && !locate(entry, level, at)) return false;
    return self.template read_entry<ByGrants>(at, entry, level, bytes, value, t, delay, counted);
  }

  exchange_result exchange(gpa entry, unsigned level, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
    hpa at(entry.value);
    if (nested) {
      if (!self.asks_again_ && second.tables[level].granted.has(rights::nested_write | rights::dirty))
        at = second.tables[level].page + entry.offset(paging::page_4k);
      else if (!find_table(entry, level, purpose::flag_update, at))
        return exchange_result::failed;
    }
    return self.exchange_entry({at, entry.value, level, bytes}, expected, desired, t, delay);
  }

 private:
  bool locate(gpa entry, unsigned level, hpa& at) {
    if (level != known) return find_table(entry, level, purpose::table_entry, at);
    known = 0;  // a walk that restarts at the root may come to that level by another table
    at = second.tables[level].page + entry.offset(paging::page_4k);
    return true;
  }
  bool find_table(gpa entry, unsigned level, purpose why, hpa& at) {
    second.ask.question.table_level = static_cast<std::uint8_t>(level);
    if (!self.ask(second, t, entry, why, delay)) return false;
    at = second.ask.output();
    second.tables[level] = {at.base(paging::page_4k), second.ask.mapping.granted};
    return true;
  }
};

guest_walker::guest_walker(const sc_core::sc_module_name& name, const walker_config& config)
    : walker(name, config), holds_(config.caches.holds), asks_again_(config.asks_again) {
  second_stage.bind(static_cast<protocol::translation_bw_if<gpa>&>(*this));
}

bool guest_walker::translate(question& t, sc_core::sc_time& delay) {
  return answer(t, delay, [&](bool uncached) { return walk_once(t, uncached, delay); });
}

inline bool guest_walker::ask(nested_question& second, question& t, gpa at, purpose why, sc_core::sc_time& delay) {
  const std::uint64_t asked = observer_ != nullptr ? clock_.at(delay) : 0;
  second.ask.address = at;
  second.ask.question.why = why;
  second.ask.from_cache = false;
  const bool mapped = second_stage->translate(second.ask, delay);
  t.from_cache |= second.ask.from_cache;
  if (observer_ != nullptr) observer_->second_stage_answered(second.ask, mapped, since(asked, delay));
  if (!mapped) t.fault = second.ask.fault;
  return mapped;
}

bool guest_walker::walk_once(question& t, bool uncached, sc_core::sc_time& delay) {
  const paging::domain& c = *t.domain;
  const epoch began = epoch_;
  nested_question second;
  second.ask.domain = &c;
  second.ask.uncached = uncached;
  second.ask.walk = t.walk;
  second.ask.question.linear = t.address;

  const cache_content* hit = nullptr;
  walk w = may_begin_below(uncached) ? begin(t, c.guest, key_of(t), delay, hit) : walk(c.guest, t.address, t.question);
  unsigned known = 0;
  if (hit != nullptr && hit->holds_host && permits_table_access(c.nested, hit->host.granted)) {
    known = hit->start.level;
    second.tables[known] = hit->host;
  }
  const unsigned entry_log2 = c.guest.format.entry_log2;
  read_counters& counted = reads_of(uncached);
  if (!(tables_.uses_dmi()
            ? paging::drive(w, entry_log2, port<true>{*this, t, second, delay, c.nested_on, known, counted})
            : paging::drive(w, entry_log2, port<false>{*this, t, second, delay, c.nested_on, known, counted})))
    return false;
  if (w.state() == paging::walk_step::faulted) {
    t.fault = w.why();
    return false;
  }
  if (cache_.built() && began == epoch_) fill(t, w, second);

  const paging::mapping<gpa> first = w.result();
  if (!c.nested_on) {
    t.mapping = paging::untranslated(first);
    return true;
  }
  second.ask.question.type = t.question.type;
  second.ask.question.table_level = 0;
  second.ask.question.linear_rights = first.granted;
  second.ask.question.user = t.question.user();
  if (!ask(second, t, w.output(), purpose::data_page, delay)) return false;
  t.mapping = paging::compose(first, second.ask.mapping, w.output());
  return true;
}

guest_walker::cache_key guest_walker::key_of(const question& t) {
  return {paging::pack(t.domain->tags, t.domain->linear_kind())};
}

void guest_walker::fill(const question& t, const walk& w, const nested_question& second) {
  const bool holds_host = t.domain->nested_on && holds_ == held_address::host_physical;
  for (unsigned level = w.level(); level < w.began_at(); ++level)
    cache_.fill(t.domain->guest.format, t.address.value, key_of(t), level + 1,
                {w.reached(level), second.tables[level], holds_host});
}

void guest_walker::invalidate(const paging::selector& s, sc_core::sc_time& delay) {
  ++epoch_;
  cache_.invalidate(s);
  if (second_stage.size() != 0) second_stage->invalidate(s, delay);
}

void guest_walker::withdrawn(const paging::selector& scope) {
  ++epoch_;
  cache_.invalidate(scope);
  for (int i = 0; i < requests.size(); ++i) requests[i]->withdrawn(scope);
}

}  // namespace nestwalk::walker
