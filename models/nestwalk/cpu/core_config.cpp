#include "nestwalk/cpu/core_config.h"

#include "nestwalk/configuration/group.h"
#include "nestwalk/timing/time_key.h"

namespace nestwalk::cpu {

void describe(const configuration::group& into, core_config& c) {
  using timing::describe_time;
  constexpr configuration::whole_numbers cycles{0, 1'000'000};
  describe_time(into.only_for("any"), "cycle", {0.01, 1000},
                "the core's clock period, which all other keys in cycles count", c.cycle);
  into.number("cycles_per_instruction", "cycles", {0, 1000},
              "time of an instruction, without what it waits for translation and memory", c.cycles_per_instruction);
  into.whole("exception_entry", "cycles", cycles, "time from a faulting instruction to the first one of the handler",
             c.exception_entry_cycles);
  into.whole("exception_return", "cycles", cycles, "time of the return from an exception (IRET)",
             c.exception_return_cycles);
  into.whole("system_call_entry", "cycles", cycles, "time of SYSCALL and of the kernel's entry code",
             c.system_call_entry_cycles);
  into.whole("system_call_return", "cycles", cycles, "time of the kernel's exit code and of SYSRET",
             c.system_call_return_cycles);
  describe_time(into, "quantum", {0, 1e9}, "how far the core's local time may run ahead of the simulation's",
                c.quantum);
  into.whole("most_faults", "faults", {1, 1'000'000},
             "faults in a row of one access after which the run ends with an error", c.most_faults);
  const configuration::group with_vmm = into.only_for("vmm");
  with_vmm.whole("vm_exit", "cycles", cycles, "time from the guest to the VMM's first instruction", c.vm_exit_cycles);
  with_vmm.whole("vm_entry", "cycles", cycles, "time from the VMM to the guest's next instruction", c.vm_entry_cycles);
}

}  // namespace nestwalk::cpu
