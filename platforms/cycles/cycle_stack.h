// Whose each cycle of a run was.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>

#include "nestwalk/cpu/party_observer.h"
#include "nestwalk/statistics/group.h"
#include "platforms/cycles/time_meter.h"
#include "platforms/cycles/walk_times.h"

namespace nestwalk::platforms {

/// Shares the cycles of the program out among the parts of the machine that took them: each part's time is known by a
/// source, which is read whenever the program stops running, so that what the guest kernel and the VMM cause is not
/// among it. The parts' whole cycles add up to those of their whole time, as cpu::cycle_account counts the program's;
/// each part is less than a cycle from its time.
class cycle_stack final : public cpu::party_observer {
 public:
  /// Time that a part has taken, in steps of SystemC's time resolution: since the start, or since `forget`.
  using source = std::function<std::uint64_t()>;

  /// `cycle` is the clock period.
  explicit cycle_stack(const sc_core::sc_time& cycle) : cycle_(cycle.value()) {}

  /// Adds a part to `into`, a group that outlives this. All are added before the run.
  void add(statistics::group& into, const std::string& name, const std::string& about, source from);
  /// The parts of walks, and of memory behind `fetch` and `data`, which outlive this.
  void add_walks(statistics::group& into, const walk_times& times);
  void add_memory(statistics::group& into, const time_meter& fetch, const time_meter& data);

  void ran(cpu::party who, const sc_core::sc_time& now) override;
  /// The sources may have begun anew; so does the count.
  void forget();

 private:
  struct part {
    source from;
    std::uint64_t seen = 0;  // of the source
    std::uint64_t time = 0;  // of the program, since the statistics began
    statistics::counter cycles = 0;
  };

  std::uint64_t cycle_;
  std::uint64_t rest_ = 0;  // less than a cycle, of the time before the statistics began
  std::list<part> parts_;   // a list: statistics refer to the counters
};

}  // namespace nestwalk::platforms
