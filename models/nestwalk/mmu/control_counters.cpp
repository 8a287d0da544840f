#include "nestwalk/mmu/control_counters.h"

namespace nestwalk::mmu {

void control_counters::describe(statistics::group& into) {
  into.add("cr3_loads", "writes", "Writes of CR3 that flush.", cr3_loads);
  into.add("cr3_loads_without_flush", "writes", "Writes of CR3 that flush nothing: bit 63 is set under CR4.PCIDE.",
           cr3_loads_without_flush);
  into.add("register_flushes", "flushes", "Flushes that writes of CR0, CR4 and EFER cause.", register_flushes);
  into.add("refused_writes", "writes", "Register writes that were refused with a fault.", refused_writes);
  into.add("invlpg", "instructions", "INVLPG instructions.", invlpg);
  into.add("invpcid", "instructions", "INVPCID instructions.", invpcid);
  into.add("invept", "instructions", "INVEPT instructions.", invept);
  into.add("invvpid", "instructions", "INVVPID instructions.", invvpid);
  into.add("invlpga", "instructions", "INVLPGA instructions.", invlpga);
  into.add("vm_entries", "transitions", "VM entries.", vm_entries);
  into.add("vm_exits", "transitions", "VM exits.", vm_exits);
  into.add("transition_flushes", "flushes", "Flushes by a VM entry or exit.", transition_flushes);
  into.add("fault_drops", "drops", "Faults that dropped the cached mappings of the address that faulted.", fault_drops);
}

}  // namespace nestwalk::mmu
