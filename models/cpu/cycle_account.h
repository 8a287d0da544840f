// Whose cycles a core's time was: the program's, the guest kernel's or the VMM's.
#pragma once

#include <cstdint>

#include <systemc>

#include "statistics/counter.h"

namespace nestwalk::cpu {

/// Who runs on a core.
enum class party : std::uint8_t { program, kernel, vmm };

/// Shares a core's time out among those who ran. The parts add up to the whole: what is less than a cycle goes on to
/// the next share.
class cycle_account {
 public:
  struct counters {
    statistics::counter program = 0;
    statistics::counter kernel = 0;
    statistics::counter vmm = 0;
    statistics::counter total() const { return program + kernel + vmm; }
  };

  /// `cycle` is the clock period.
  explicit cycle_account(const sc_core::sc_time& cycle) : cycle_(cycle.value()) {}

  party running() const { return running_; }
  /// From `now` on `next` runs; what passed since the last call was of the one before.
  void hand_over(party next, const sc_core::sc_time& now) {
    settle(now);
    running_ = next;
  }
  /// Counts the time until `now`.
  void settle(const sc_core::sc_time& now) {
    const std::uint64_t passed = now.value() - since_ + rest_;
    since_ = now.value();
    rest_ = passed % cycle_;
    part(running_) += passed / cycle_;
  }

  counters& counts() { return counts_; }

 private:
  statistics::counter& part(party who) {
    return who == party::program ? counts_.program : who == party::kernel ? counts_.kernel : counts_.vmm;
  }

  std::uint64_t cycle_;  // in units of the time resolution, as all below
  std::uint64_t since_ = 0;
  std::uint64_t rest_ = 0;
  party running_ = party::kernel;
  counters counts_;
};

}  // namespace nestwalk::cpu
