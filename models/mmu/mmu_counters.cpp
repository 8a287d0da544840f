#include "mmu/mmu_counters.h"

#include <string>

namespace nestwalk::mmu {

void access_counters::describe(statistics::group& into) {
  into.add("accesses", "accesses", "Accesses that arrived, each once however many pages it touches.", accesses);
  into.add("page_crossings", "accesses", "Accesses that touch more than one 4-KByte page.", page_crossings);
  into.add("further_pages", "translations", "Translations of page crossings beyond their first.", further_pages);
  static constexpr std::array<const char*, fault_kinds> names{
      "none",          "general_protection", "page_fault", "ept_violation", "ept_misconfiguration", "nested_page_fault",
      "page_log_full", "memory_error"};
  for (unsigned kind = 1; kind < fault_kinds; ++kind)
    into.add(std::string("faults_") + names[kind], "faults", "Accesses that ended in this fault or exit.",
             faults[kind]);
  into.add("miss_time", "steps", "Time in translations that missed the L1 TLB, in steps of SystemC's time resolution.",
           miss_time);
  into.add("dmi_grants", "grants", "DMI requests that were granted.", dmi_grants);
}

void control_counters::describe(statistics::group& into) {
  into.add("cr3_loads", "writes", "MOV to CR3.", cr3_loads);
  into.add("cr3_loads_without_flush", "writes", "MOV to CR3 with bit 63 set under CR4.PCIDE.", cr3_loads_without_flush);
  into.add("register_flushes", "flushes", "Flushes owed by writes of CR0, CR4 and EFER.", register_flushes);
  into.add("refused_writes", "writes", "Register writes that were refused with a fault.", refused_writes);
  into.add("invlpg", "instructions", "INVLPG.", invlpg);
  into.add("invpcid", "instructions", "INVPCID.", invpcid);
  into.add("invept", "instructions", "INVEPT.", invept);
  into.add("invvpid", "instructions", "INVVPID.", invvpid);
  into.add("invlpga", "instructions", "INVLPGA.", invlpga);
  into.add("vm_entries", "transitions", "VM entries.", vm_entries);
  into.add("vm_exits", "transitions", "VM exits.", vm_exits);
  into.add("transition_flushes", "flushes", "Flushes by a VM entry or exit.", transition_flushes);
  into.add("fault_drops", "drops", "Drops of the one address that faulted, by the fault itself.", fault_drops);
}

}  // namespace nestwalk::mmu
