// What an mmu is built of.
#pragma once

#include <cstdint>

#include <systemc>

#include "paging/registers.h"
#include "tlb/config.h"
#include "walker/walker_config.h"

namespace nestwalk::mmu {

/// Who walks the tables.
enum class walker_choice : std::uint8_t {
  modelled,  ///< the guest walker and, where a second stage is possible, the nested TLB and the nested walker
  external,  ///< whatever the socket `walks` is bound to; it walks both stages
};

/// Configuration of an mmu. A TLB without arrays is not built. The sources of the costs stand in
/// platforms/skylake_sp.toml.
struct mmu_config {
  paging::capabilities machine;  ///< what the processor can do
  walker_choice walker = walker_choice::modelled;
  bool nested = true;          ///< a second stage is possible: it is built, and controls may turn it on
  tlb::tlb_config l1i_tlb;     ///< its latency is mostly hidden by the L1 cache: 0
  tlb::tlb_config l1d_tlb;     ///< likewise
  tlb::tlb_config l2_tlb;      ///< unified
  tlb::tlb_config nested_tlb;  ///< guest-physical mappings, between the walkers
  walker::walker_config guest_walker;
  walker::walker_config nested_walker;
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period of the cycles below
  unsigned register_write_cycles = 100;       ///< of a write of CR0, CR3, CR4 or EFER; key registers and PAT are free
  unsigned invalidation_cycles = 216;         ///< of INVLPG, INVPCID, INVEPT, INVVPID or INVLPGA
};

}  // namespace nestwalk::mmu
