// The core's keys: its clock, and what its instructions cost.
#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/rooms.h"

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t most_cycles = 1'000'000;

}  // namespace

void add_core_keys(key_table& keys) {
  keys.read_by(reader::every_machine);
  keys.time(
      "core.cycle", 0.01, 1000, "clock period; every other number of cycles counts these",
      [](configuration & c) -> auto& { return c.core.cycle; });
  keys.number(
      "core.cycles_per_instruction", "cycles", 0, 1000, "of an instruction that waits for nothing",
      [](configuration & c) -> auto& { return c.core.cycles_per_instruction; });
  keys.whole(
      "core.exception_entry", "cycles", 0, most_cycles, "from a faulting instruction to the handler's first",
      [](configuration & c) -> auto& { return c.core.exception_entry_cycles; });
  keys.whole(
      "core.exception_return", "cycles", 0, most_cycles, "of the return from an exception (IRET)",
      [](configuration & c) -> auto& { return c.core.exception_return_cycles; });
  keys.whole(
      "core.system_call_entry", "cycles", 0, most_cycles, "of SYSCALL and the stub behind it",
      [](configuration & c) -> auto& { return c.core.system_call_entry_cycles; });
  keys.whole(
      "core.system_call_return", "cycles", 0, most_cycles, "of SYSRET and the stub before it",
      [](configuration & c) -> auto& { return c.core.system_call_return_cycles; });
  keys.time(
      "core.quantum", 0, 1e9, "how far the core's local time may run ahead of the simulation's",
      [](configuration & c) -> auto& { return c.core.quantum; });
  keys.whole(
      "core.most_faults", "faults", 1, 1'000'000, "faults of one access in a row before the run is given up",
      [](configuration & c) -> auto& { return c.core.most_faults; });
  keys.read_by(reader::virtualised);
  keys.whole(
      "core.vm_exit", "cycles", 0, most_cycles, "from the guest to the VMM's first instruction",
      [](configuration & c) -> auto& { return c.core.vm_exit_cycles; });
  keys.whole(
      "core.vm_entry", "cycles", 0, most_cycles, "from the VMM to the guest's next instruction",
      [](configuration & c) -> auto& { return c.core.vm_entry_cycles; });
}

}  // namespace nestwalk::platforms
