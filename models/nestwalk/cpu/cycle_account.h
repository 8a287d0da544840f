// Whose cycles a core's time was: the program's, the guest kernel's or the VMM's.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "nestwalk/statistics/counter.h"

namespace nestwalk::cpu {

/// Who runs on a core.
enum class party : std::uint8_t { program, kernel, vmm };

class party_observer;

/// Shares a core's time out among those who ran, to each the whole cycles of its own time: what is less than a cycle
/// waits for the next share of the same party. The whole is the sum of the parts.
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
  /// Tells `observer` of each share from now on; null: none.
  void observe(party_observer* observer) { observer_ = observer; }
  /// From `now` on `next` runs; what passed since the last call was of the one before.
  void hand_over(party next, const sc_core::sc_time& now) {
    settle(now);
    running_ = next;
  }
  /// Counts the time until `now`.
  void settle(const sc_core::sc_time& now) {
    std::uint64_t& rest = rests_[static_cast<std::size_t>(running_)];
    const std::uint64_t passed = now.value() - since_ + rest;
    since_ = now.value();
    rest = passed % cycle_;
    part(running_) += passed / cycle_;
    if (observer_ != nullptr) tell(now);
  }

  counters& counts() { return counts_; }

 private:
  void tell(const sc_core::sc_time& now);
  statistics::counter& part(party who) {
    return who == party::program ? counts_.program : who == party::kernel ? counts_.kernel : counts_.vmm;
  }

  std::uint64_t cycle_;  // in units of the time resolution, as all below
  std::uint64_t since_ = 0;
  std::array<std::uint64_t, 3> rests_{};  // by party
  party running_ = party::kernel;
  party_observer* observer_ = nullptr;
  counters counts_;
};

}  // namespace nestwalk::cpu
