// What a core is made of: its clock, and what its instructions cost.
#pragma once

#include <cstdint>

#include <systemc>

namespace nestwalk::cpu {

/// Costs are in cycles. Those of the memory accesses come from what the sockets are bound to; those of register writes,
/// invalidations and VM transitions inside the mmu from the mmu. The sources of the defaults stand in
/// platforms/skylake_sp.toml.
struct core_config {
  sc_core::sc_time cycle{1, sc_core::SC_NS};      ///< clock period
  double cycles_per_instruction = 1;              ///< of an instruction that waits for nothing
  std::uint64_t exception_entry_cycles = 715;     ///< from the faulting instruction to the handler's first
  std::uint64_t exception_return_cycles = 330;    ///< IRET
  std::uint64_t system_call_entry_cycles = 50;    ///< SYSCALL and the stub behind it
  std::uint64_t system_call_return_cycles = 50;   ///< SYSRET and the stub before it
  std::uint64_t vm_exit_cycles = 700;             ///< until the VMM's first instruction
  std::uint64_t vm_entry_cycles = 500;            ///< until the guest's next instruction
  sc_core::sc_time quantum{100, sc_core::SC_US};  ///< how far local time may run ahead; 0: not at all
  unsigned most_faults = 64;                      ///< of one access, one after another, before the run is given up
};

}  // namespace nestwalk::cpu
