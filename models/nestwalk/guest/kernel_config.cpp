#include "nestwalk/guest/kernel_config.h"

#include "nestwalk/configuration/group.h"

namespace nestwalk::guest {
namespace {

void describe_policies(const configuration::group& into, kernel_config& c) {
  into.choice<page_policy>(
      "pages", {{"4k", page_policy::pages_4k}, {"2m", page_policy::pages_2m}, {"1g", page_policy::pages_1g}},
      "largest page that the kernel gives to programs (2m: transparent huge pages)", c.pages);
  into.choice<on_demand_policy>(
      "on_demand", {{"all", on_demand_policy::all}, {"mapped", on_demand_policy::mapped}},
      "addresses that a program may touch: all, as traces carry no mappings, or those that it has mapped", c.on_demand);
  into.choice<bad_access_policy>(
      "bad_access", {{"error", bad_access_policy::error}, {"skip", bad_access_policy::skip}},
      "what an access without rights or to a non-canonical address does: end the run with an error, or be skipped and "
      "counted",
      c.bad_access);
  into.truth(
      "preset_flags",
      "whether the kernel sets the accessed flag of a page that it maps for a fault, and the dirty flag for a write",
      c.preset_flags);
  into.whole("copy_bytes", "bytes", {8, 64},
             "bytes of each access when the kernel zeroes or copies a page: 8, 16, 32 or 64", c.copy_bytes);
  into.truth("pcid", "whether the kernel uses process-context identifiers (CR4.PCIDE)", c.pcid);
  into.whole("pcids", "pcids", {1, 4095}, "number of PCIDs that the kernel assigns in turn", c.pcids);
  into.whole("flush_pages", "pages", {0, 1'000'000},
             "most pages that the kernel flushes one by one; for more it flushes all of the process", c.flush_pages);
  into.truth("flush_by_invpcid", "whether the kernel flushes all of a process by INVPCID instead of a reload of CR3",
             c.flush_by_invpcid);
}

void describe_costs(const configuration::group& into, kernel_config& c) {
  const auto cost = [&into](const char* name, const char* about, std::uint64_t& held) {
    into.whole(name, "instructions", {0, 10'000'000}, about, held);
  };
  cost("page_fault", "instructions of a page fault handler, besides those that zero pages and store to tables",
       c.page_fault_instructions);
  cost("system_call", "instructions of a system call", c.system_call_instructions);
  cost("switch", "instructions of a context switch", c.switch_instructions);
  cost("fork", "instructions of a fork", c.fork_instructions);
  cost("exit", "instructions of the exit of a process", c.exit_instructions);
  cost("page", "instructions for each page that a system call copies, protects or unmaps", c.page_instructions);
}

}  // namespace

void describe(const configuration::group& into, kernel_config& c) {
  into.whole(
      "memory", "bytes", {2 << 20, std::uint64_t{1} << 52},
      "size of guest-physical memory, from address 0 up: a multiple of 2MiB, at most 64TiB where guest.levels is 4",
      c.memory);
  into.whole("levels", "levels", {4, 5}, "levels of the guest's page tables", c.levels);
  into.choice<unsigned>("direct_map", {{"4k", paging::page_4k}, {"2m", paging::page_2m}, {"1g", paging::page_1g}},
                        "largest page of the kernel's direct map of all memory", c.direct_map_log2);
  describe_policies(into, c);
  describe_costs(into.child("instructions"), c);
}

}  // namespace nestwalk::guest
