// What a VMM is made of: how it translates for its guest, from which memory, and what its handlers cost.
#pragma once

#include <cstdint>

#include <systemc>

#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::vmm {

/// How guest addresses become host addresses.
enum class paging_mode : std::uint8_t {
  nested,  ///< the hardware walks the guest's tables and the VMM's second stage
  shadow,  ///< the hardware walks tables of the VMM that map guest-virtual to host-physical addresses
};

/// When stores to guest tables reach the shadow.
enum class shadow_policy : std::uint8_t {
  write_protect,  ///< every store to a guest table traps and is emulated
  out_of_sync,    ///< a leaf table becomes writable at its first store and is synchronised when the guest flushes
};

/// Handler instructions, beside the memory accesses, which are modelled one by one. Chosen, as no public counts were
/// found: with a VM exit and entry the least of them comes to the 1500 cycles that a VMCALL takes through KVM (see
/// platforms/skylake_sp.toml), and the others do more.
struct handler_instructions {
  std::uint64_t nested_fault = 1200;    ///< an EPT violation or nested page fault: find the backing, map it
  std::uint64_t page_fault = 1000;      ///< a #PF under shadow paging: walk the guest's tables, fill the shadow
  std::uint64_t emulation = 800;        ///< on top of that, to decode and perform a trapped store
  std::uint64_t register_write = 400;   ///< a write of CR0, CR4 or EFER
  std::uint64_t root_load = 500;        ///< a load of CR3: find or make the shadow root
  std::uint64_t invalidation = 300;     ///< INVLPG, INVPCID
  std::uint64_t synchronise = 400;      ///< to synchronise a guest table: compare its 512 entries
  std::uint64_t reclaimed_page = 1500;  ///< to take a guest page back
};

/// Shadow paging (mode `shadow`).
struct shadow_config {
  shadow_policy policy = shadow_policy::write_protect;
  unsigned kept_roots = 16;            ///< shadow roots kept for when they are loaded again, 2 to 1024
  unsigned upper_stores_unused = 4;    ///< stores, no walk between them, after which an upper table is no table
  unsigned leaf_stores_unused = 1024;  ///< the same for a leaf table: more than clearing and setting all entries
};

/// Taking guest pages back, as a host short of memory does.
struct reclaim_config {
  std::uint64_t pages = 0;           ///< 4-KByte guest pages taken back at a time; 0: never
  std::uint64_t exits = 256;         ///< exits between two times that pages are taken back, at least 1
  std::uint64_t keep_at_least = 64;  ///< backed 4-KByte pages left to the guest, so that an instruction can finish
};

struct vmm_config {
  paging_mode mode = paging_mode::nested;
  paging::nested_kind format =
      paging::nested_kind::ept;    ///< format of the second stage; decides the flush instructions too
  unsigned nested_levels = 4;      ///< levels of the second stage, 4 or 5
  bool ept_accessed_dirty = true;  ///< EPTP bit 6; NPT always has the flags
  paging::capabilities processor;  ///< what the processor can do
  std::uint64_t guest_memory = std::uint64_t{4} << 30;  ///< bytes of guest RAM from gpa 0, a multiple of 4 KiB
  unsigned backing_log2 = paging::page_2m;              ///< page size that backs guest memory: 12, 21 or 30
  std::uint64_t host_base = std::uint64_t{1} << 30;     ///< host memory pool of the VMM: first byte
  std::uint64_t host_size = std::uint64_t{16} << 30;    ///< bytes, for guest memory and for tables
  bool scatter = true;  ///< hand out 4-KByte host frames in an order permuted by `scatter_seed`
  std::uint64_t scatter_seed = 1;
  handler_instructions instructions;
  shadow_config shadow;
  reclaim_config reclaim;
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< the core's clock period, for statistics in cycles
};

/// Throws `input_error` that names the key that is out of range.
void check(const vmm_config& config);

/// Its keys. The readers "nested" and "shadow" are the VMMs of that paging mode. What the VMM shares with other parts
/// (mode, format, processor, guest memory, cycle) has no key: whoever composes them fills it in.
void describe(const configuration::group& into, vmm_config& c);

}  // namespace nestwalk::vmm
