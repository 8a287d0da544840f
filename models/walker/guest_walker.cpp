#include "walker/guest_walker.h"

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

/// Answers the steps of one walk; keeps the host page of each table that it read.
class guest_walker::port {
 public:
  port(guest_walker& self, question& t, sc_core::sc_time& delay, bool uncached) : self_(self), t_(t), delay_(delay) {
    ask_.context = t.context;
    ask_.uncached = uncached;
    ask_.question.linear = t.address;
  }

  /// The first read is of the table of `level`, whose host page is known.
  void begins_in(unsigned level, const table_page& page) {
    known_ = level;
    tables_[level] = page;
  }
  const table_page& table(unsigned level) const { return tables_[level]; }

  bool read(gpa entry, unsigned level, unsigned bytes, std::uint64_t& value) {
    hpa at(entry.value);
    if (t_.context->nested_on && !locate(entry, level, at)) return false;
    return self_.read_entry(at, entry.value, level, bytes, value, t_, delay_);
  }

  exchange_result exchange(gpa entry, unsigned level, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
    table_exchange e;
    e.level = level;
    e.entry = entry.value;
    e.at = hpa(entry.value);
    e.expected = expected;
    e.desired = desired;
    if (t_.context->nested_on) {
      if (!tables_[level].granted.has(rights::nested_write | rights::dirty) &&
          !find_table(entry, level, purpose::flag_update))
        return exchange_result::failed;
      e.at = tables_[level].page + entry.offset(paging::page_4k);
    }
    return self_.exchange_entry(e, bytes, t_, delay_);
  }

  /// The page of the access itself; `first` maps it to `at`.
  bool find_data(gpa at, const paging::mapping<gpa>& first) {
    ask_.question.type = t_.question.type;
    ask_.question.linear_rights = first.granted;
    if (!second_stage(at, purpose::data_page)) return false;
    t_.mapping = paging::compose(first, ask_.mapping, at);
    return true;
  }

 private:
  bool locate(gpa entry, unsigned level, hpa& at) {
    if (level == known_) {
      known_ = 0;  // a walk that restarts at the root may come here by another table
    } else if (!find_table(entry, level, purpose::table_entry)) {
      return false;
    }
    at = tables_[level].page + entry.offset(paging::page_4k);
    return true;
  }

  bool find_table(gpa entry, unsigned level, purpose why) {
    if (!second_stage(entry, why)) return false;
    tables_[level] = {ask_.output().base(paging::page_4k), ask_.mapping.granted};
    return true;
  }

  bool second_stage(gpa at, purpose why) {
    const sc_core::sc_time asked = delay_;
    ask_.address = at;
    ask_.question.why = why;
    ask_.from_cache = false;
    const bool mapped = self_.next->translate(ask_, delay_);
    t_.from_cache |= ask_.from_cache;
    if (self_.observer_ != nullptr) self_.observer_->second_stage_answered(ask_, mapped, delay_ - asked);
    if (!mapped) t_.fault = ask_.fault;
    return mapped;
  }

  guest_walker& self_;
  question& t_;
  sc_core::sc_time& delay_;
  protocol::translation<gpa> ask_;
  unsigned known_ = 0;
  std::array<table_page, paging::most_levels + 1> tables_{};  // by the level of their entries
};

guest_walker::guest_walker(const sc_core::sc_module_name& name, const walker_config& config)
    : walker(name, config), holds_(config.caches.holds) {
  next.bind(static_cast<protocol::translation_bw_if<gpa>&>(*this));
}

bool guest_walker::translate(question& t, sc_core::sc_time& delay) {
  return answer(t, delay, [&](bool uncached) { return walk_once(t, uncached, delay); });
}

bool guest_walker::walk_once(question& t, bool uncached, sc_core::sc_time& delay) {
  const paging::context& c = *t.context;
  const cache_key key{c.tags, c.nested_on ? paging::mapping_kind::combined : paging::mapping_kind::linear};
  const cache_content* hit = nullptr;
  port p(*this, t, delay, uncached);
  walk w = begin(t, c.guest, key, uncached, delay, hit);
  if (hit != nullptr && hit->holds_host && permits_table_access(c.nested, hit->host.granted))
    p.begins_in(hit->start.level, hit->host);
  if (!paging::drive(w, c.guest.format.entry_log2, p)) return false;
  if (w.state() == paging::walk_step::faulted) {
    t.fault = w.why();
    return false;
  }
  if (cache_.built()) {
    const bool holds_host = c.nested_on && holds_ == held_address::host_physical;
    for (unsigned level = w.level(); level < w.began_at(); ++level)
      cache_.fill(c.guest.format, t.address.value, key, level + 1, {w.reached(level), p.table(level), holds_host});
  }
  const paging::mapping<gpa> first = w.result();
  if (c.nested_on) return p.find_data(w.output(), first);
  t.mapping = paging::untranslated(first);
  return true;
}

void guest_walker::invalidate(const paging::selector& s, sc_core::sc_time& delay) {
  cache_.invalidate(s);
  if (next.size() != 0) next->invalidate(s, delay);
}

void guest_walker::withdrawn(const paging::selector& scope) {
  cache_.invalidate(scope);
  for (int i = 0; i < requests.size(); ++i) requests[i]->withdrawn(scope);
}

}  // namespace nestwalk::walker
