// Adds up what walks spend their time on.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/walker/walk_observer.h"

namespace nestwalk::platforms {

/// Times in steps of SystemC's time resolution, since the start. The parts of a walk add up to its latency, as
/// `walk_observer` promises.
class walk_times final : public walker::walk_observer {
 public:
  static constexpr unsigned stages = 2;  // by paging::stage_kind

  std::array<std::uint64_t, stages> own{};  ///< questions and walk-cache look-ups
  std::array<std::array<std::uint64_t, protocol::memory_levels>, stages> entry_reads{};  ///< by the level that served
  std::uint64_t flag_exchanges = 0;
  std::uint64_t page_log = 0;
  std::uint64_t nested_tlb = 0;

  void begins(const protocol::translation<paging::gva>&, const sc_core::sc_time&) override {}
  void begins(const protocol::translation<paging::gpa>&, const sc_core::sc_time&) override {}
  void begins_again(std::uint64_t, paging::stage_kind) override {}
  void spends(std::uint64_t, paging::stage_kind stage, walker::walker_work, sc_core::sc_time time) override {
    own[static_cast<unsigned>(stage)] += time.value();
  }
  void starts_from_cache(const walker::walk_cache_hit&) override {}
  void reads(const walker::table_read& read) override {
    entry_reads[static_cast<unsigned>(read.stage)][static_cast<unsigned>(read.served_by)] +=
        (read.step + read.latency).value();
  }
  void exchanges(const walker::table_exchange& exchange) override {
    flag_exchanges += (exchange.step + exchange.latency).value();
  }
  void logs(const walker::page_record& record) override { page_log += record.latency.value(); }
  void second_stage_answered(const protocol::translation<paging::gpa>&, bool, sc_core::sc_time latency) override;
  void ends(const protocol::translation<paging::gva>&, bool, sc_core::sc_time) override {}
  void ends(const protocol::translation<paging::gpa>&, bool, sc_core::sc_time latency) override;

 private:
  sc_core::sc_time nested_walks_;  // since the second stage last answered
};

}  // namespace nestwalk::platforms
