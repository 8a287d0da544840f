// Follows the walkers of a machine and makes a record of each walk.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

/// Given to both walkers. Calls `done` with the record of each guest walk when it ends; the record is good during the
/// call.
class walk_recorder final : public walker::walk_observer {
 public:
  using sink = std::function<void(const walk_record&)>;

  /// `cycle` is the clock period, in which records tell times.
  walk_recorder(const sc_core::sc_time& cycle, sink done) : cycle_(cycle), done_(std::move(done)) {}

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
  struct open_walk {
    walk_record record;
    sc_core::sc_time told;  // time of the steps so far
    // The walk of the nested walker since the guest's last step, where there was one: its first step, and `told` then.
    std::optional<std::size_t> second;
    sc_core::sc_time told_before_second;
  };

  open_walk* find(std::uint64_t walk);
  void add(std::uint64_t walk, const walk_step& step);

  sc_core::sc_time cycle_;
  sink done_;
  std::map<std::uint64_t, open_walk> open_;  // walks that have begun and not ended, by number
};

}  // namespace nestwalk::platforms
