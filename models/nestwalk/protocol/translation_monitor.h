// Watches a translation socket: put between any two of them, it passes everything on and reports what breaks the rules.
#pragma once

#include <string>
#include <vector>

#include "nestwalk/protocol/translation.h"
#include "nestwalk/timing/local_time.h"

namespace nestwalk::protocol {

/// Passes calls on in both directions, in no time, and checks each:
///  - who asks gives a domain;
///  - who answers leaves address, question, domain and `uncached` as they were; a success maps pages of a size that
///    exists, aligned to what the mapping covers; a failure has a fault; local time has not gone back;
///  - a `look` takes no time by its form, and answers likewise.
/// A violation is a SystemC warning that names the monitor, and stays in `violations()`.
template <class In>
class translation_monitor : public sc_core::sc_module, private translation_fw_if<In>, private translation_bw_if<In> {
 public:
  translation_target_socket<In> requests{"requests"};         ///< faces those who ask
  translation_initiator_socket<In> next_level{"next_level"};  ///< faces who answers

  explicit translation_monitor(const sc_core::sc_module_name& name) : sc_module(name) {
    requests.bind(*this);
    next_level.bind(*this);
  }

  /// What was wrong so far, oldest first.
  const std::vector<std::string>& violations() const { return violations_; }
  /// Translations, looks and invalidations that passed.
  std::uint64_t translations() const { return translations_; }
  std::uint64_t looks() const { return looks_; }
  std::uint64_t invalidations() const { return invalidations_; }

 private:
  bool translate(translation<In>& t, sc_core::sc_time& delay) override {
    ++translations_;
    expect(t.domain != nullptr, "a translation was asked without a domain");
    const translation<In> before = t;
    const sc_core::sc_time start = timing::local_time(delay);
    const bool mapped = next_level->translate(t, delay);
    expect(timing::local_time(delay) >= start, "local time went back over translate");
    check_answer(before, t, mapped, "translate");
    return mapped;
  }

  bool look(translation<In>& t) override {
    ++looks_;
    expect(t.domain != nullptr, "a look was asked without a domain");
    const translation<In> before = t;
    const bool mapped = next_level->look(t);
    check_answer(before, t, mapped, "look");
    return mapped;
  }

  void invalidate(const paging::selector& s, sc_core::sc_time& delay) override {
    ++invalidations_;
    expect(!s.by_address || s.first <= s.last, "an invalidation's range ends before it starts");
    const sc_core::sc_time start = timing::local_time(delay);
    next_level->invalidate(s, delay);
    expect(timing::local_time(delay) >= start, "local time went back over invalidate");
  }

  void withdrawn(const paging::selector& scope) override {
    for (int i = 0; i < requests.size(); ++i) requests[i]->withdrawn(scope);
  }

  void check_answer(const translation<In>& before, const translation<In>& t, bool mapped, const std::string& call) {
    expect(t.address == before.address, "the address changed over " + call);
    expect(t.domain == before.domain, "the domain changed over " + call);
    expect(t.uncached == before.uncached, "`uncached` changed over " + call);
    expect(same(t.question, before.question), "the question changed over " + call);
    if (!mapped) {
      expect(static_cast<bool>(t.fault), call + " failed without a fault");
      return;
    }
    const unsigned log2 = t.mapping.size_log2();
    const bool page = log2 >= paging::page_4k && log2 < 64;
    expect(page, call + " answered with a mapping of no page's size");
    if (page) expect(t.mapping.page.offset(log2) == 0, call + " answered with a mapping that is not aligned");
  }

  static bool same(const paging::access& a, const paging::access& b) { return a.type == b.type && a.mode == b.mode; }
  static bool same(const paging::nested_access& a, const paging::nested_access& b) {
    return a.type == b.type && a.why == b.why && a.linear_valid == b.linear_valid &&
           a.linear_rights == b.linear_rights && a.linear == b.linear;
  }

  void expect(bool rule_holds, const std::string& violation) {
    if (rule_holds) return;
    violations_.push_back(violation);
    SC_REPORT_WARNING("nestwalk/translation_monitor", (std::string(this->name()) + ": " + violation).c_str());
  }

  std::vector<std::string> violations_;
  std::uint64_t translations_ = 0;
  std::uint64_t looks_ = 0;
  std::uint64_t invalidations_ = 0;
};

}  // namespace nestwalk::protocol
