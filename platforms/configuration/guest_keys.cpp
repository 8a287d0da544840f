// The guest kernel's keys: its memory, its policies, what its handlers cost.
#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/rooms.h"

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t most_instructions = 10'000'000;

void add_policies(key_table& keys) {
  keys.choice<guest::page_policy>(
      "guest.pages",
      {{"4k", guest::page_policy::pages_4k},
       {"2m", guest::page_policy::pages_2m},
       {"1g", guest::page_policy::pages_1g}},
      "largest page that a program's memory gets (2m: transparent huge pages)",
      [](configuration & c) -> auto& { return c.guest.pages; });
  keys.choice<guest::on_demand_policy>(
      "guest.on_demand", {{"all", guest::on_demand_policy::all}, {"mapped", guest::on_demand_policy::mapped}},
      "addresses that a program may touch: any (traces carry no mappings), or those it mapped",
      [](configuration & c) -> auto& { return c.guest.on_demand; });
  keys.choice<guest::bad_access_policy>(
      "guest.bad_access", {{"error", guest::bad_access_policy::error}, {"skip", guest::bad_access_policy::skip}},
      "an access without right or to a non-canonical address ends the run, or is counted and passed over",
      [](configuration & c) -> auto& { return c.guest.bad_access; });
  keys.truth(
      "guest.preset_flags", "a page mapped by a fault is accessed, and dirty where it was written to",
      [](configuration & c) -> auto& { return c.guest.preset_flags; });
  keys.whole(
      "guest.copy_bytes", "bytes", 8, 64, "of one access when pages are zeroed or copied: 8, 16, 32 or 64",
      [](configuration & c) -> auto& { return c.guest.copy_bytes; });
  keys.truth(
      "guest.pcid", "process-context identifiers (CR4.PCIDE)", [](configuration & c) -> auto& { return c.guest.pcid; });
  keys.whole(
      "guest.pcids", "pcids", 1, 4095, "that are dealt out in turn",
      [](configuration & c) -> auto& { return c.guest.pcids; });
  keys.whole(
      "guest.flush_pages", "pages", 0, 1'000'000, "most pages flushed one by one",
      [](configuration & c) -> auto& { return c.guest.flush_pages; });
  keys.truth(
      "guest.flush_by_invpcid", "more pages than that: INVPCID of the context, not a reload of CR3",
      [](configuration & c) -> auto& { return c.guest.flush_by_invpcid; });
}

void add_costs(key_table& keys) {
  const auto cost = [&keys](const char* name, const char* about, std::uint64_t guest::kernel_config::*which) {
    keys.whole(
        std::string("guest.instructions.") + name, "instructions", 0, most_instructions,
        about, [which](configuration & c) -> auto& { return c.guest.*which; });
  };
  using kernel = guest::kernel_config;
  cost("page_fault", "of a page fault, page zeroing and table stores apart", &kernel::page_fault_instructions);
  cost("system_call", "of a system call", &kernel::system_call_instructions);
  cost("switch", "of a context switch", &kernel::switch_instructions);
  cost("fork", "of a fork", &kernel::fork_instructions);
  cost("exit", "of a process's exit", &kernel::exit_instructions);
  cost("page", "for each page that a system call copies, protects or takes away", &kernel::page_instructions);
}

}  // namespace

void add_guest_keys(key_table& keys) {
  keys.read_by(reader::every_machine);
  keys.whole(
      "guest.memory", "bytes", 2 << 20, std::uint64_t{1} << 52,
      "guest-physical memory, from address 0 up: a multiple of 2MiB, at most 64TiB where guest.levels is 4",
      [](configuration & c) -> auto& { return c.guest.memory; });
  keys.whole(
      "guest.levels", "levels", 4, 5, "levels of the guest's page tables",
      [](configuration & c) -> auto& { return c.guest.levels; });
  keys.choice<unsigned>(
      "guest.direct_map", {{"4k", paging::page_4k}, {"2m", paging::page_2m}, {"1g", paging::page_1g}},
      "largest page of the kernel's map of all memory",
      [](configuration & c) -> auto& { return c.guest.direct_map_log2; });
  add_policies(keys);
  add_costs(keys);
}

}  // namespace nestwalk::platforms
