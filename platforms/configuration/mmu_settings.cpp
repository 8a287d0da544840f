#include "platforms/configuration/mmu_settings.h"

namespace nestwalk::platforms {

tlb::tlb_config tlb_settings::config(const sc_core::sc_time& cycle, bool filter) const {
  tlb::tlb_config made;
  made.arrays.clear();
  for (tlb::array_config array : {base, large, huge}) {
    if (array.entries == 0) continue;
    array.replacement = replacement;
    array.seed = seed;
    made.arrays.push_back(array);
  }
  made.cycle = cycle;
  made.latency_cycles = latency;
  made.filter = filter;
  return made;
}

walker::walker_config walker_settings::config(const sc_core::sc_time& cycle, bool use_dmi) const {
  walker::walker_config made;
  made.cycle = cycle;
  made.start_cycles = start;
  made.step_cycles = step;
  made.exchange_cycles = exchange;
  made.cache_cycles = cache_step;
  made.asks_again = asks_again;
  made.use_dmi = use_dmi;
  made.caches = caches;
  return made;
}

mmu::mmu_config mmu_settings::config(const sc_core::sc_time& cycle) const {
  mmu::mmu_config made;
  made.machine = machine;
  made.walker = walker == walker_kind::rtl ? mmu::walker_choice::external : mmu::walker_choice::modelled;
  made.l1i_tlb = l1i_tlb.config(cycle, filter);
  made.l1d_tlb = l1d_tlb.config(cycle, filter);
  made.l2_tlb = l2_tlb.config(cycle, filter);
  made.nested_tlb = nested_tlb.config(cycle, filter);
  made.guest_walker = guest_walker.config(cycle, use_dmi);
  made.nested_walker = nested_walker.config(cycle, use_dmi);
  made.cycle = cycle;
  made.register_write_cycles = register_write;
  made.invalidation_cycles = invalidation;
  return made;
}

}  // namespace nestwalk::platforms
