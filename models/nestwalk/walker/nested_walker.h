// The walker of the second stage: gpa to hpa.
#pragma once

#include "nestwalk/walker/walker.h"

namespace nestwalk::walker {

/// Walks EPT or NPT tables, by the format of the question's domain. Its own reads need no translation. Where the
/// domain has no second stage a gpa is answered with the same hpa.
class nested_walker final : public walker<paging::gpa> {
 public:
  /// Throws input_error where the configuration makes no walker.
  nested_walker(const sc_core::sc_module_name& name, const walker_config& config) : walker(name, config) {}

 private:
  template <bool ByGrants>
  struct port;

  bool translate(question& t, sc_core::sc_time& delay) override;
  bool look(question& t) override { return look_up(t); }
  void invalidate(const paging::selector& s, sc_core::sc_time& delay) override;

  bool walk_once(question& t, bool uncached, sc_core::sc_time& delay);
  template <bool ByGrants>
  bool drive(walk& w, question& t, sc_core::sc_time& delay, read_counters& counted);
  bool log_page(paging::hpa slot, std::uint64_t record, question& t, sc_core::sc_time& delay);
  static cache_key key_of(const question& t);
  void fill(const question& t, const walk& w);
};

}  // namespace nestwalk::walker
