// What a core is made of: its clock, and what its instructions cost.
#pragma once

#include <cstdint>

#include <systemc>

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::cpu {

/// Costs are in cycles. What the sockets are bound to adds the time of memory accesses; the mmu adds the time that
/// register writes, invalidations and VM transitions take inside it. The sources of the defaults stand in
/// platforms/skylake_sp.toml.
struct core_config {
  sc_core::sc_time cycle{1, sc_core::SC_NS};      ///< clock period
  double cycles_per_instruction = 1;              ///< time of an instruction, without its waits for memory
  std::uint64_t exception_entry_cycles = 715;     ///< from the faulting instruction to the handler's first
  std::uint64_t exception_return_cycles = 330;    ///< IRET
  std::uint64_t system_call_entry_cycles = 50;    ///< SYSCALL and the kernel's entry code
  std::uint64_t system_call_return_cycles = 50;   ///< the kernel's exit code and SYSRET
  std::uint64_t vm_exit_cycles = 700;             ///< until the VMM's first instruction
  std::uint64_t vm_entry_cycles = 500;            ///< until the guest's next instruction
  sc_core::sc_time quantum{100, sc_core::SC_US};  ///< how far local time may run ahead; 0: not at all
  unsigned most_faults = 64;                      ///< faults in a row of one access after which the run fails
};

/// Its keys. Those of VM exits and entries are read by cores with a VMM, which the reader "vmm" stands for; the
/// clock period by machines without a core too, which take part in "any".
void describe(const configuration::group& into, core_config& c);

}  // namespace nestwalk::cpu
