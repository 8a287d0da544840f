// What translates and what remembers: the machine without a core, and without software.
#pragma once

#include <memory>

#include "nestwalk/memory/contents.h"
#include "nestwalk/memory/dram.h"
#include "nestwalk/mmu/mmu.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/walker/walk_observer.h"
#include "platforms/configuration/configuration.h"
#include "platforms/cycles/time_meter.h"
#include "platforms/memory_system.h"
#include "platforms/rtl/external_walker.h"
#include "platforms/wiring.h"

namespace nestwalk::platforms {

/// Main memory, data caches and mmu, bound to one another. Whoever makes accesses binds to the mmu's `fetch`, `data`
/// and `control`.
class hardware {
 public:
  /// `filled` (may be null): what the memory holds at first, and all that it holds; it outlives this. Throws
  /// `input_error` where the configuration makes no hardware.
  hardware(const configuration& c, wiring& wires, memory::contents* filled = nullptr);
  hardware(const hardware&) = delete;
  hardware& operator=(const hardware&) = delete;

  mmu::mmu& translation() { return *mmu_; }
  memory_system& caches() { return *caches_; }
  memory::dram& dram() { return *dram_; }
  const memory::dram& dram() const { return *dram_; }

  /// Adds the groups mmu, rtl_walker (where there is one), caches and dram.
  void describe(statistics::group& into);
  /// Follows every walk of the modelled walkers from now on; null: none.
  void observe_walks(walker::walk_observer* observer);
  /// What memory takes for fetches and for data; null where the configuration asks for no cycle stack.
  const time_meter* fetch_meter() const { return fetch_meter_.get(); }
  const time_meter* data_meter() const { return data_meter_.get(); }
  /// Empties TLBs, walk caches and data caches, in no time.
  void clear_caches(protocol::control_fw_if& control);

 private:
  void bind(const configuration& c, wiring& wires);
  void bind_memory(const configuration& c, wiring& wires);

  std::unique_ptr<memory::dram> dram_;
  std::unique_ptr<memory_system> caches_;
  std::unique_ptr<mmu::mmu> mmu_;
  std::unique_ptr<external_walker> rtl_walker_;  // null where the mmu has its own
  std::unique_ptr<time_meter> fetch_meter_;
  std::unique_ptr<time_meter> data_meter_;
};

}  // namespace nestwalk::platforms
