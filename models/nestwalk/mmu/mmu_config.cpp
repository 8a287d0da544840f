#include "nestwalk/mmu/mmu_config.h"

#include "nestwalk/configuration/group.h"

namespace nestwalk::mmu {

void describe(const configuration::group& into, const external_walker& external, mmu_config& c) {
  describe(into, c.processor);
  describe(into.child("l1i_tlb"), "L1 instruction TLB", c.l1i_tlb);
  describe(into.child("l1d_tlb"), "L1 data TLB", c.l1d_tlb);
  describe(into.child("l2_tlb"), "unified L2 TLB", c.l2_tlb);
  describe(into.child("nested_tlb"), "nested TLB", c.nested_tlb);
  into.choice<walker_choice>("walker",
                             {{"modelled", walker_choice::modelled}, {external.name, walker_choice::external}},
                             "what walks the tables: the modelled walkers, or " + external.about, c.walker);
  describe_guest_walker(into.child("guest_walker"), "guest walker", c.guest_walker);
  describe(into.child("nested_walker"), "nested walker", c.nested_walker);
  constexpr configuration::whole_numbers cycles{0, 1'000'000};
  into.whole("register_write", "cycles", cycles, "time of a write of CR0, CR3, CR4 or EFER", c.register_write_cycles);
  into.whole("invalidation", "cycles", cycles, "time of INVLPG, INVPCID, INVEPT, INVVPID or INVLPGA",
             c.invalidation_cycles);
  into.truth("use_dmi",
             "whether the walkers read tables through DMI where the memory grants it: faster, with the same counts and "
             "times",
             c.guest_walker.use_dmi, c.nested_walker.use_dmi);
  into.truth("filter", "whether TLBs try the entry used last first: faster, with the same counts and times",
             c.l1i_tlb.filter, c.l1d_tlb.filter, c.l2_tlb.filter, c.nested_tlb.filter);
}

void set_cycle(mmu_config& c, const sc_core::sc_time& cycle) {
  for (tlb::tlb_config* each : {&c.l1i_tlb, &c.l1d_tlb, &c.l2_tlb, &c.nested_tlb}) each->cycle = cycle;
  for (walker::walker_config* each : {&c.guest_walker, &c.nested_walker}) each->cycle = cycle;
  c.cycle = cycle;
}

}  // namespace nestwalk::mmu
