// All that a command's machines and workload are built with.
#pragma once

#include <cstdint>

#include "cpu/core_config.h"
#include "guest/kernel_config.h"
#include "memory/dram.h"
#include "platforms/configuration/mmu_settings.h"
#include "vmm/vmm_config.h"
#include "workload/make_generator.h"

namespace nestwalk::platforms {

/// One level of data cache as it is configured: times are in cycles of the core's clock.
struct cache_settings {
  std::uint64_t size = 0;     ///< bytes; 0: not built
  unsigned ways = 0;          ///< from 1 up
  std::uint64_t latency = 0;  ///< cycles of one look-up, hit or miss
};

/// The level of the memory hierarchy that the walkers, and the VMM with its table accesses, are bound to.
enum class table_entry_level : std::uint8_t { l1d, l2, llc, dram };

struct caches_settings {
  unsigned line = 64;  ///< bytes, of every level
  cache_settings l1i;
  cache_settings l1d;
  cache_settings l2;
  cache_settings llc;
  bool filter = true;
  table_entry_level table_reads = table_entry_level::l1d;
};

struct checks_settings {
  bool protocol_monitors = false;  ///< on every memory socket
};

/// The values of all keys. A default one is the server core of platforms/skylake_sp.toml.
struct configuration {
  cpu::core_config core;
  mmu_settings mmu;
  caches_settings caches;
  memory::dram_config dram;
  guest::kernel_config guest;
  vmm::vmm_config vmm;  ///< what it shares with other rooms (mode, format, guest memory, clock) is filled in by machine
  workload::generator_settings workload;
  checks_settings checks;

  configuration();
};

/// Throws `input_error`, by key, for values that do not go together on the machines of `readers`: ways that do not
/// divide entries, a guest larger than the memory.
void check(const configuration& c, unsigned readers);

}  // namespace nestwalk::platforms
