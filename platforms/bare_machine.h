// Hardware and a core: a machine to which the software is still to come.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nestwalk/cpu/core.h"
#include "nestwalk/statistics/group.h"
#include "platforms/configuration/configuration.h"
#include "platforms/cycles/cycle_stack.h"
#include "platforms/cycles/walk_times.h"
#include "platforms/hardware.h"
#include "platforms/mode.h"
#include "platforms/walks/observer_list.h"
#include "platforms/wiring.h"

namespace nestwalk::platforms {

/// What runs a program, whatever software stands behind the core. One runs in a process, as SystemC elaborates once in
/// each.
class bare_machine {
 public:
  bare_machine(const bare_machine&) = delete;
  bare_machine& operator=(const bare_machine&) = delete;
  virtual ~bare_machine() = default;

  /// Runs the program to its end, its limit or a stop. Rethrows what ended a run that failed; the statistics so far
  /// stand.
  void run(cpu::program what);
  /// Ends a run under way soon; may be called from a signal handler.
  void request_stop() noexcept { core_->request_stop(); }

  machine_mode mode() const { return mode_; }
  const configuration& config() const { return config_; }
  statistics::group& statistics() { return statistics_; }
  cpu::core& core() { return *core_; }
  mmu::mmu& translation() { return hardware_.translation(); }
  memory::dram& dram() { return hardware_.dram(); }

  /// Begins to count anew.
  virtual void forget_statistics();
  /// Follows every walk from now on, beside the others who do; and no more.
  void observe_walks(walker::walk_observer& observer);
  void forget_walks(walker::walk_observer& observer);
  /// Empties TLBs, walk caches and data caches, in no time.
  void clear_caches() { hardware_.clear_caches(*core_->control.operator->()); }
  /// What the protocol monitors found, where the configuration asks for them.
  std::vector<std::string> protocol_violations() const { return wires_.violations(); }

 protected:
  /// `filled` (may be null): what the memory holds at first, and all that it holds. Throws `input_error` where the
  /// configuration makes no machine.
  bare_machine(const configuration& c, machine_mode mode, memory::contents* filled = nullptr);

  hardware& parts() { return hardware_; }
  const hardware& parts() const { return hardware_; }
  wiring& wires() { return wires_; }

 private:
  void describe();
  void describe_stack(statistics::group& into);
  void describe_walks(statistics::group& into);

  configuration config_;
  machine_mode mode_;
  wiring wires_;
  hardware hardware_;
  std::unique_ptr<cpu::core> core_;
  observer_list walk_observers_;
  walk_times walk_times_;
  std::unique_ptr<cycle_stack> stack_;  // null where not asked for
  statistics::group statistics_;
};

}  // namespace nestwalk::platforms
