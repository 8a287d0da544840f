// Follows a device's request through a remapping unit and makes a record of its walk.
#pragma once

#include "nestwalk/iommu/device_resolver.h"
#include "platforms/walks/walk_recorder.h"

namespace nestwalk::platforms {

/// Given to a unit's resolver and to both its walkers. The record is that of one request: its device-table entries,
/// then the walk of its stages. What only the second stage translates is told as a walk of the second stage without a
/// first.
class device_walk_recorder final : public iommu::device_walk_observer, public walker::walk_observer {
 public:
  /// `cycle` is the clock period, in which the record tells times; `look_up` what a look-up of the TLB takes that a
  /// request asks before its walk.
  device_walk_recorder(const sc_core::sc_time& cycle, const sc_core::sc_time& look_up);

  /// The record so far, its cycles counted.
  const walk_record& told();

  // Of the device tables.
  void begins(const iommu::resolution_start& s) override;
  void reads(const iommu::entry_read& r) override;
  // Of the stages.
  void begins(const protocol::translation<paging::gva>& t, const sc_core::sc_time& now) override;
  void begins(const protocol::translation<paging::gpa>& t, const sc_core::sc_time& now) override;
  void begins_again(std::uint64_t walk, paging::stage_kind stage) override;
  void spends(std::uint64_t walk, paging::stage_kind stage, walker::walker_work what, sc_core::sc_time time) override;
  void starts_from_cache(const walker::walk_cache_hit& hit) override { stages_.starts_from_cache(hit); }
  void reads(const walker::table_read& read) override { stages_.reads(read); }
  void exchanges(const walker::table_exchange& exchange) override { stages_.exchanges(exchange); }
  void second_stage_answered(const protocol::translation<paging::gpa>& t, bool mapped,
                             sc_core::sc_time latency) override;
  void ends(const protocol::translation<paging::gva>& t, bool mapped, sc_core::sc_time latency) override;
  void ends(const protocol::translation<paging::gpa>& t, bool mapped, sc_core::sc_time latency) override;

 private:
  void missed();
  void take(const walk_record& walked);

  sc_core::sc_time cycle_;
  sc_core::sc_time look_up_;
  walk_record record_;
  walk_recorder stages_;
  std::uint64_t first_stage_ = 0;  // the walk of the first stage that is under way, or 0
};

}  // namespace nestwalk::platforms
