// Stands where a walker would: answers translations from a table of mappings that the test fills in.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include <systemc>

#include "nestwalk/protocol/translation.h"

namespace nestwalk::test {

/// Answers by `answer`, or else from `mappings`: the one that covers the address, by its first address. What is not
/// mapped faults. Counts what it is asked.
template <class In>
class fake_translator : public sc_core::sc_module, private protocol::translation_fw_if<In> {
 public:
  using question = protocol::translation<In>;

  protocol::translation_target_socket<In> requests{"requests"};
  std::map<std::uint64_t, paging::mapping<paging::hpa>> mappings;
  std::function<bool(question&)> answer;
  sc_core::sc_time latency{100, sc_core::SC_NS};
  std::uint64_t asked = 0;
  std::uint64_t asked_uncached = 0;
  std::uint64_t looks = 0;
  std::uint64_t invalidations = 0;
  paging::selector last_invalidation;
  bool flags_were_set = true;  ///< what `look` says

  explicit fake_translator(const sc_core::sc_module_name& name) : sc_module(name) { requests.bind(*this); }

  /// Maps the page that holds `from` to the one that holds `to`. The sizes are of the stages' pages, 63 where a stage
  /// takes no part.
  void map(std::uint64_t from, std::uint64_t to, unsigned guest_log2 = paging::page_4k, unsigned nested_log2 = 63,
           paging::rights granted = {}, bool global = false) {
    paging::mapping<paging::hpa> m;
    m.guest_size_log2 = static_cast<std::uint8_t>(guest_log2);
    m.nested_size_log2 = static_cast<std::uint8_t>(nested_log2);
    m.page = paging::hpa(to).base(m.size_log2());
    m.granted = granted;
    m.global = global;
    mappings[In(from).base(m.size_log2()).value] = m;
  }
  void withdraw(const paging::selector& s) {
    for (int i = 0; i < requests.size(); ++i) requests[i]->withdrawn(s);
  }

 private:
  bool answer_from_mappings(question& t) {
    if (answer) return answer(t);
    auto at = mappings.upper_bound(t.address.value);
    if (at != mappings.begin()) {
      --at;
      if (t.address.value - at->first < std::uint64_t{1} << at->second.size_log2()) {
        t.mapping = at->second;
        return true;
      }
    }
    t.fault.kind = paging::fault_kind::page_fault;
    return false;
  }

  bool translate(question& t, sc_core::sc_time& delay) override {
    ++asked;
    if (t.uncached) ++asked_uncached;
    delay += latency;
    t.from_cache = false;
    return answer_from_mappings(t);
  }
  bool look(question& t) override {
    ++looks;
    t.flags_were_set = flags_were_set;
    return answer_from_mappings(t);
  }
  void invalidate(const paging::selector& s, sc_core::sc_time&) override {
    ++invalidations;
    last_invalidation = s;
  }
};

/// Asks for translations, and counts what is withdrawn.
template <class In>
class translation_asker : public sc_core::sc_module, private protocol::translation_bw_if<In> {
 public:
  protocol::translation_initiator_socket<In> next{"next"};
  std::uint64_t withdrawals = 0;
  paging::selector last_withdrawal;
  sc_core::sc_time spent;

  explicit translation_asker(const sc_core::sc_module_name& name) : sc_module(name) { next.bind(*this); }

  /// One translation; `t` holds it afterwards.
  bool ask(std::uint64_t address, const paging::domain& c, const paging::question_of<In>& q = {},
           bool uncached = false) {
    t = protocol::translation<In>{};
    t.address = In(address);
    t.question = q;
    t.domain = &c;
    t.uncached = uncached;
    sc_core::sc_time delay;
    const bool mapped = next->translate(t, delay);
    spent = delay;
    return mapped;
  }
  void invalidate(const paging::selector& s) {
    sc_core::sc_time delay;
    next->invalidate(s, delay);
  }

  protocol::translation<In> t;

 private:
  void withdrawn(const paging::selector& scope) override {
    ++withdrawals;
    last_withdrawal = scope;
  }
};

}  // namespace nestwalk::test
