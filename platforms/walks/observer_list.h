// Several who follow the same walks.
#pragma once

#include <vector>

#include "nestwalk/walker/walk_observer.h"

namespace nestwalk::platforms {

/// Passes every event on to each observer, in the order in which they came.
class observer_list final : public walker::walk_observer {
 public:
  void add(walker::walk_observer& observer) { observers_.push_back(&observer); }
  void remove(walker::walk_observer& observer);
  bool empty() const { return observers_.empty(); }

  void begins(const protocol::translation<paging::gva>& t, const sc_core::sc_time& now) override;
  void begins(const protocol::translation<paging::gpa>& t, const sc_core::sc_time& now) override;
  void begins_again(std::uint64_t walk, paging::stage_kind stage) override;
  void spends(std::uint64_t walk, paging::stage_kind stage, walker::walker_work what, sc_core::sc_time time) override;
  void starts_from_cache(const walker::walk_cache_hit& hit) override;
  void reads(const walker::table_read& read) override;
  void exchanges(const walker::table_exchange& exchange) override;
  void logs(const walker::page_record& record) override;
  void second_stage_answered(const protocol::translation<paging::gpa>& t, bool mapped,
                             sc_core::sc_time latency) override;
  void ends(const protocol::translation<paging::gva>& t, bool mapped, sc_core::sc_time latency) override;
  void ends(const protocol::translation<paging::gpa>& t, bool mapped, sc_core::sc_time latency) override;

 private:
  std::vector<walker::walk_observer*> observers_;
};

}  // namespace nestwalk::platforms
