// What an mmu is built of.
#pragma once

#include <cstdint>
#include <string>

#include <systemc>

#include "nestwalk/paging/registers.h"
#include "nestwalk/tlb/config.h"
#include "nestwalk/walker/walker_config.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::mmu {

/// What walks the tables.
enum class walker_choice : std::uint8_t {
  modelled,  ///< the guest walker and, where a second stage is possible, the nested TLB and the nested walker
  external,  ///< whatever the socket `external_walker` is bound to; it walks both stages
};

/// Configuration of an mmu. A TLB without entries is not built. The sources of the costs stand in
/// platforms/skylake_sp.toml.
struct mmu_config {
  paging::capabilities processor;  ///< what the processor can do
  walker_choice walker = walker_choice::modelled;
  bool nested = true;          ///< a second stage is possible: it is built, and controls may turn it on
  tlb::tlb_config l1i_tlb;     ///< its latency is mostly hidden by the L1 cache: 0
  tlb::tlb_config l1d_tlb;     ///< its latency is hidden likewise
  tlb::tlb_config l2_tlb;      ///< unified
  tlb::tlb_config nested_tlb;  ///< guest-physical mappings, between the walkers
  walker::walker_config guest_walker;
  walker::walker_config nested_walker;
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period of the cycles below
  unsigned register_write_cycles = 100;       ///< time of a write of CR0, CR3, CR4 or EFER; others take none
  unsigned invalidation_cycles = 216;         ///< time of INVLPG, INVPCID, INVEPT, INVVPID or INVLPGA
};

/// What a platform may bind to `external_walker`, as the key "walker" tells it.
struct external_walker {
  std::string name;   ///< the value that chooses it
  std::string about;  ///< what follows "what walks the tables: the modelled walkers, or"
};

/// Its keys and those of all its parts. `nested` has none: whoever composes the mmu sets it, and the clock period by
/// `set_cycle`.
void describe(const configuration::group& into, const external_walker& external, mmu_config& c);

/// Makes `cycle` the clock period of the mmu and of all its parts.
void set_cycle(mmu_config& c, const sc_core::sc_time& cycle);

}  // namespace nestwalk::mmu
