// The mmu as it is configured: times are in cycles of the core's clock, arrays of size 0 are not built.
#pragma once

#include <cstdint>

#include "mmu/mmu_config.h"
#include "paging/registers.h"
#include "tlb/config.h"
#include "walker/walker_config.h"

namespace nestwalk::platforms {

/// A TLB: its first array, and up to two more for larger pages.
struct tlb_settings {
  tlb::array_config base;
  tlb::array_config large{0, 0, tlb::pages::of_2m | tlb::pages::of_4m};
  tlb::array_config huge{0, 0, tlb::pages::of_1g};
  unsigned latency = 0;  ///< cycles of a look-up
  tlb::replacement_policy replacement = tlb::replacement_policy::lru;
  std::uint32_t seed = 1;

  bool built() const { return base.entries + large.entries + huge.entries != 0; }
  /// What the module is built with.
  tlb::tlb_config config(const sc_core::sc_time& cycle, bool filter) const;
};

struct walker_settings {
  unsigned start = 0;       ///< cycles of a walk beside its reads
  unsigned step = 1;        ///< cycles that the walker adds to each read
  unsigned exchange = 0;    ///< cycles that the walker adds to each exchange of an entry for its flags
  bool asks_again = false;  ///< guest walker: asks the second stage anew for each exchange
  unsigned cache_step = 1;  ///< cycles of a look-up of the walk caches
  walker::walk_cache_config caches;

  /// What the module is built with.
  walker::walker_config config(const sc_core::sc_time& cycle, bool use_dmi) const;
};

/// Who walks the tables: the modelled guest and nested walkers, or the one of rtl/, co-simulated.
enum class walker_kind : std::uint8_t { modelled, rtl };

struct mmu_settings {
  paging::capabilities machine;
  walker_kind walker = walker_kind::modelled;
  tlb_settings l1i_tlb;
  tlb_settings l1d_tlb;
  tlb_settings l2_tlb;
  tlb_settings nested_tlb;
  walker_settings guest_walker;
  walker_settings nested_walker;
  unsigned register_write = 100;  ///< cycles of a write of CR0, CR3, CR4 or EFER
  unsigned invalidation = 216;    ///< cycles of INVLPG, INVPCID, INVEPT, INVVPID or INVLPGA
  bool use_dmi = true;
  bool filter = true;

  /// What the module is built with. Every machine has the whole mmu, second stage included.
  mmu::mmu_config config(const sc_core::sc_time& cycle) const;
};

}  // namespace nestwalk::platforms
