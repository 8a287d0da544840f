// All that a command's machines and workload are built with.
#pragma once

#include <cstdint>

#include "nestwalk/configuration/group.h"
#include "nestwalk/cpu/core_config.h"
#include "nestwalk/guest/kernel_config.h"
#include "nestwalk/iommu/iommu_config.h"
#include "nestwalk/memory/cache_config.h"
#include "nestwalk/memory/dram_config.h"
#include "nestwalk/mmu/mmu_config.h"
#include "nestwalk/vmm/vmm_config.h"
#include "nestwalk/workload/make_generator.h"
#include "platforms/device/driver_config.h"

namespace nestwalk::platforms {

/// The level of the memory hierarchy that the walkers, and the VMM with its table accesses, are bound to.
enum class table_entry_level : std::uint8_t { l1d, l2, llc, dram };

/// The levels of data cache; one of size 0 is not built. The clock period is the core's.
struct caches_settings {
  memory::cache_config l1i;
  memory::cache_config l1d;
  memory::cache_config l2;
  memory::cache_config llc;
  table_entry_level table_reads = table_entry_level::l1d;
};

struct checks_settings {
  bool protocol_monitors = false;  ///< on every memory socket
};

struct statistics_settings {
  bool cycle_stack = false;  ///< tell whose each cycle was
};

/// The values of all keys. A default one is what platforms/skylake_sp.toml says, and of the keys that do not stand
/// there what the rooms' structs begin with. What parts share (the core's clock period; mode, format and guest memory,
/// for the VMM) stands once here: `machine` copies it to the others' structs.
struct configuration {
  cpu::core_config core;
  mmu::mmu_config mmu;
  caches_settings caches;
  memory::dram_config dram;
  guest::kernel_config guest;
  vmm::vmm_config vmm;
  iommu::iommu_config iommu;
  driver_config driver;
  workload::generator_settings workload;
  checks_settings checks;
  statistics_settings statistics;

  configuration();

 private:
  struct by_rooms {};
  explicit configuration(by_rooms);
  static configuration server();
};

/// Every key, each room's below the path at which the room stands in a machine.
void describe(const nestwalk::configuration::group& root, configuration& c);

/// Throws `input_error`, by key, for values that do not go together on the machines of `readers`: ways that do not
/// divide entries, a guest larger than the memory.
void check(const configuration& c, unsigned readers);

}  // namespace nestwalk::platforms
