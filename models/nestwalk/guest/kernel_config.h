// What the guest kernel is told about its processor and memory, its policies and what its handlers cost.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::guest {

/// The largest page that user memory gets.
enum class page_policy : std::uint8_t {
  pages_4k,
  pages_2m,  ///< transparent huge pages: 2 MBytes where the aligned range is all accessible alike and none of it mapped
  pages_1g,  ///< likewise with 1 GByte, else 2 MBytes, else 4 KBytes
};

/// Which user addresses a process may touch without asking.
enum class on_demand_policy : std::uint8_t {
  all,     ///< any: what traces need, as they carry no mappings
  mapped,  ///< only what its system calls mapped
};

/// What becomes of an access that the process has no right to, or whose address is not canonical.
enum class bad_access_policy : std::uint8_t {
  error,  ///< the run ends with an `input_error`
  skip,   ///< it is counted, and the program goes on with its next access
};

struct kernel_config {
  std::uint64_t memory = std::uint64_t{4} << 30;  ///< bytes of guest-physical memory, from address 0 up
  unsigned levels = 4;                            ///< levels of the page tables: 4, or 5 with CR4.LA57
  unsigned direct_map_log2 = paging::page_2m;     ///< largest page of the direct map, log2: 12, 21 or 30
  page_policy pages = page_policy::pages_4k;
  on_demand_policy on_demand = on_demand_policy::all;
  bad_access_policy bad_access = bad_access_policy::error;
  bool preset_flags = true;   ///< the page that a fault maps has its accessed flag set, and its dirty flag for a write
  unsigned copy_bytes = 64;   ///< bytes of each access when a page is zeroed or copied: 8, 16, 32 or 64
  bool pcid = true;           ///< CR4.PCIDE
  unsigned pcids = 6;         ///< number of PCIDs assigned in turn (Linux: TLB_NR_DYN_ASIDS)
  unsigned flush_pages = 33;  ///< most pages flushed one by one (Linux: tlb_single_page_flush_ceiling)
  bool flush_by_invpcid = false;  ///< flushes more pages than that by INVPCID, not by a reload of CR3

  // Instructions spent beside the loads and stores that are modelled. Chosen, as no public counts were found.
  std::uint64_t page_fault_instructions = 1000;
  std::uint64_t system_call_instructions = 300;
  std::uint64_t switch_instructions = 1000;
  std::uint64_t fork_instructions = 20000;
  std::uint64_t exit_instructions = 20000;
  std::uint64_t page_instructions = 40;  ///< for each page that a system call copies, protects or unmaps
};

/// Its keys.
void describe(const configuration::group& into, kernel_config& c);

}  // namespace nestwalk::guest
