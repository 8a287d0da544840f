#include "nestwalk/vmm/vmm_config.h"

#include <limits>
#include <string>

#include "nestwalk/configuration/group.h"
#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::vmm {

namespace {

void demand(bool holds, const char* key, const std::string& value, const char* right) {
  if (!holds) throw input_error("vmm." + std::string(key) + ": " + value + " is out of range: " + right);
}

void check_memory(const vmm_config& c) {
  const auto text = [](std::uint64_t v) { return std::to_string(v); };
  constexpr std::uint64_t page = std::uint64_t{1} << paging::page_4k;
  demand(c.guest_memory != 0 && c.guest_memory % page == 0, "guest_memory", text(c.guest_memory),
         "a multiple of 4096 bytes, more than 0");
  demand(c.processor.physical_bits >= 64 || (c.guest_memory - 1) >> c.processor.physical_bits == 0, "guest_memory",
         text(c.guest_memory), "no more than the physical addresses of the processor reach");
  demand(c.backing_log2 == paging::page_4k || c.backing_log2 == paging::page_2m || c.backing_log2 == paging::page_1g,
         "backing", text(c.backing_log2), "pages of 4 KiB (12), 2 MiB (21) or 1 GiB (30)");
  demand(c.host_base % page == 0, "host_base", text(c.host_base), "a multiple of 4096");
  demand(c.host_size >= std::uint64_t{4} << 20 && c.host_size % page == 0, "host_size", text(c.host_size),
         "a multiple of 4096 bytes, at least 4 MiB");
  demand(c.host_base + c.host_size > c.host_base && (c.host_base + c.host_size - 1) >> c.processor.physical_bits == 0,
         "host_size", text(c.host_size), "such that the pool ends within the processor's physical addresses");
}

}  // namespace

void check(const vmm_config& c) {
  const auto text = [](std::uint64_t v) { return std::to_string(v); };
  check_memory(c);
  demand(c.nested_levels == 4 || c.nested_levels == 5, "nested_levels", text(c.nested_levels), "4 or 5");
  demand(c.shadow.kept_roots >= 2 && c.shadow.kept_roots <= 1024, "shadow.kept_roots", text(c.shadow.kept_roots),
         "2 to 1024");
  demand(c.shadow.upper_stores_unused >= 1, "shadow.upper_stores_unused", "0", "at least 1");
  demand(c.shadow.leaf_stores_unused >= 1, "shadow.leaf_stores_unused", "0", "at least 1");
  demand(c.reclaim.exits >= 1, "reclaim.exits", "0", "at least 1");
  demand(c.cycle > sc_core::SC_ZERO_TIME, "cycle", c.cycle.to_string(), "more than 0");
}

namespace {

constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t least_pool = 4 << 20;

void describe_memory(const configuration::group& into, vmm_config& c) {
  into.choice<unsigned>("backing", {{"4k", paging::page_4k}, {"2m", paging::page_2m}, {"1g", paging::page_1g}},
                        "size of the host pages that back guest memory", c.backing_log2);
  into.whole("host_base", "bytes", {0, memory::sparse_store::max_size - least_pool},
             "first byte of the VMM's pool of host memory, a multiple of 4KiB", c.host_base);
  into.whole("host_size", "bytes", {least_pool, memory::sparse_store::max_size},
             "size of that pool, which holds guest memory and the VMM's tables, a multiple of 4KiB", c.host_size);
  into.truth("scatter", "whether the VMM gives out its 4 KiB host frames in a random order", c.scatter);
  into.whole("scatter_seed", "", {0, any}, "seed of that order", c.scatter_seed);
}

void describe(const configuration::group& into, reclaim_config& c) {
  into.whole("pages", "pages", {0, any}, "4 KiB guest pages that the VMM takes back at a time; 0 is never", c.pages);
  into.whole("exits", "exits", {1, any}, "VM exits between two times that the VMM takes pages back", c.exits);
  into.whole("keep_at_least", "pages", {16, any}, "backed pages that the VMM always leaves to the guest",
             c.keep_at_least);
}

void describe_nested(const configuration::group& into, vmm_config& c) {
  into.whole("nested_levels", "levels", {4, 5}, "levels of the second stage's tables", c.nested_levels);
  into.truth("ept_accessed_dirty", "whether EPT sets accessed and dirty flags (EPTP bit 6); NPT always does",
             c.ept_accessed_dirty);
}

void describe(const configuration::group& into, handler_instructions& c) {
  const auto cost = [](const configuration::group& of, const char* name, const char* about, std::uint64_t& held) {
    of.whole(name, "instructions", {0, 1'000'000}, about, held);
  };
  const configuration::group nested = into.only_for("nested");
  const configuration::group shadow = into.only_for("shadow");
  cost(nested, "nested_fault", "instructions for an EPT violation or nested page fault: find the backing, map it",
       c.nested_fault);
  cost(shadow, "page_fault", "instructions for a #PF: walk the guest's tables, fill the shadow tables", c.page_fault);
  cost(shadow, "emulation", "instructions to decode and perform a trapped store", c.emulation);
  cost(shadow, "register_write", "instructions for a write of CR0, CR4 or EFER", c.register_write);
  cost(shadow, "root_load", "instructions for a load of CR3: find or make the shadow root", c.root_load);
  cost(shadow, "invalidation", "instructions for INVLPG or INVPCID", c.invalidation);
  cost(shadow, "synchronise", "instructions to synchronise a guest table: compare its 512 entries", c.synchronise);
  cost(into, "reclaimed_page", "instructions to take a guest page back", c.reclaimed_page);
}

void describe(const configuration::group& into, shadow_config& c) {
  into.choice<shadow_policy>(
      "policy", {{"write-protect", shadow_policy::write_protect}, {"out-of-sync", shadow_policy::out_of_sync}},
      "which stores to guest tables trap: all, or of those to a leaf table only the first after each flush", c.policy);
  into.whole("kept_roots", "roots", {2, 1024}, "shadow roots that the VMM keeps for when the guest loads them again",
             c.kept_roots);
  into.whole(
      "upper_stores_unused", "stores", {1, 1'000'000},
      "stores to a guest table above the leaves, no walk between them, after which the VMM no longer takes it for one",
      c.upper_stores_unused);
  into.whole("leaf_stores_unused", "stores", {1, 1'000'000}, "the same number for a leaf table", c.leaf_stores_unused);
}

}  // namespace

void describe(const configuration::group& into, vmm_config& c) {
  describe_memory(into, c);
  describe(into.child("reclaim"), c.reclaim);
  describe_nested(into.only_for("nested"), c);
  describe(into.child("instructions"), c.instructions);
  describe(into.child("shadow").only_for("shadow"), c.shadow);
}

}  // namespace nestwalk::vmm
