// Follows the walkers of a machine and makes a record of each walk.
#pragma once

#include <functional>

#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

/// Given to both walkers. Calls `done` with the record of each guest walk when it ends; the record is good during the
/// call.
class walk_recorder final : public walker::walk_observer {
 public:
  using sink = std::function<void(const walk_record&)>;

  /// `cycle` is the clock period, in which records tell times.
  walk_recorder(const sc_core::sc_time& cycle, sink done) : cycle_(cycle), done_(std::move(done)) {}

  void begins(const protocol::translation<paging::gva>& t) override;
  void begins(const protocol::translation<paging::gpa>& t) override;
  void begins_again(paging::stage_kind stage) override;
  void starts_from_cache(const walker::walk_cache_hit& hit) override;
  void reads(const walker::table_read& read) override;
  void exchanges(const walker::table_exchange& exchange) override;
  void second_stage_answered(const protocol::translation<paging::gpa>& t, bool mapped,
                             sc_core::sc_time latency) override;
  void ends(const protocol::translation<paging::gva>& t, bool mapped, sc_core::sc_time latency) override;
  void ends(const protocol::translation<paging::gpa>& t, bool mapped, sc_core::sc_time latency) override;

 private:
  std::uint64_t cycles(const sc_core::sc_time& time) const;

  sc_core::sc_time cycle_;
  sink done_;
  walk_record record_;
  bool walked_second_ = false;  // the nested walker walked since the guest's last step
};

}  // namespace nestwalk::platforms
