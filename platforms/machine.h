// A whole machine: core, mmu, caches, memory, guest kernel and, unless native, a VMM.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <systemc>

#include "cpu/core.h"
#include "guest/kernel.h"
#include "memory/dram.h"
#include "mmu/mmu.h"
#include "platforms/configuration/configuration.h"
#include "platforms/memory_system.h"
#include "platforms/mode.h"
#include "platforms/rtl/external_walker.h"
#include "platforms/run/memory_digest.h"
#include "platforms/wiring.h"
#include "statistics/group.h"
#include "vmm/vmm.h"
#include "walker/walk_observer.h"

namespace nestwalk::platforms {

/// The machine of a mode. One runs in a process, as SystemC elaborates once in each.
class machine {
 public:
  /// Throws `input_error` where the configuration makes no machine.
  machine(const configuration& c, machine_mode mode);
  ~machine();
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  /// Runs the program to its end, its limit or a stop. Rethrows what ended a run that failed; the statistics so far
  /// stand.
  void run(cpu::program what);
  /// Ends a run under way soon; may be called from a signal handler.
  void request_stop() noexcept { core_->request_stop(); }

  machine_mode mode() const { return mode_; }
  const configuration& config() const { return config_; }
  statistics::group& statistics() { return statistics_; }
  cpu::core& core() { return *core_; }
  mmu::mmu& translation() { return *mmu_; }
  guest::kernel& kernel() { return *kernel_; }
  memory::dram& dram() { return *dram_; }

  /// Follows every walk from now on; null: none.
  void observe_walks(walker::walk_observer* observer);
  /// Empties TLBs, walk caches and data caches, in no time.
  void clear_caches();
  /// What the protocol monitors found, where the configuration asks for them.
  std::vector<std::string> protocol_violations() const { return wires_.violations(); }
  /// The digest of guest-physical memory.
  std::string digest();

 private:
  void bind();
  void describe();
  std::optional<paging::gpa> next_page(paging::gpa from) const;
  void read_page(paging::gpa page, unsigned char* into);

  configuration config_;
  machine_mode mode_;
  wiring wires_;
  std::unique_ptr<memory::dram> dram_;
  std::unique_ptr<memory_system> caches_;
  std::unique_ptr<mmu::mmu> mmu_;
  std::unique_ptr<external_walker> rtl_walker_;  // null where the mmu has its own
  std::unique_ptr<cpu::core> core_;
  std::unique_ptr<guest::kernel> kernel_;
  std::unique_ptr<vmm::vmm> vmm_;  // null in native mode
  statistics::group statistics_;
};

}  // namespace nestwalk::platforms
