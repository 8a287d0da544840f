// The VMM's keys: what backs the guest, what its handlers cost, its two ways of paging.
#include <limits>

#include "memory/sparse_store.h"
#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/rooms.h"

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t most_instructions = 1'000'000;
constexpr std::uint64_t least_pool = 4 << 20;

void add_handlers(key_table& keys) {
  const auto cost = [&keys](const char* name, const char* about, std::uint64_t vmm::handler_instructions::*which) {
    keys.whole(
        std::string("vmm.instructions.") + name, "instructions", 0, most_instructions,
        about, [which](configuration & c) -> auto& { return c.vmm.instructions.*which; });
  };
  using cost_of = vmm::handler_instructions;
  keys.read_by(reader::nested);
  cost("nested_fault", "an EPT violation or nested page fault: find the backing, map it", &cost_of::nested_fault);
  keys.read_by(reader::shadow);
  cost("page_fault", "a #PF: walk the guest's tables, fill the shadow", &cost_of::page_fault);
  cost("emulation", "to decode and perform a trapped store", &cost_of::emulation);
  cost("register_write", "a write of CR0, CR4 or EFER", &cost_of::register_write);
  cost("root_load", "a load of CR3: find or make the shadow root", &cost_of::root_load);
  cost("invalidation", "INVLPG or INVPCID", &cost_of::invalidation);
  cost("synchronise", "a guest table brought in, 512 entries compared", &cost_of::synchronise);
  keys.read_by(reader::virtualised);
  cost("reclaimed_page", "a guest page taken back", &cost_of::reclaimed_page);
}

void add_shadow(key_table& keys) {
  keys.read_by(reader::shadow);
  keys.choice<vmm::shadow_policy>(
      "vmm.shadow.policy",
      {{"write-protect", vmm::shadow_policy::write_protect}, {"out-of-sync", vmm::shadow_policy::out_of_sync}},
      "every store to a guest table traps, or only the first to a leaf table until the guest flushes",
      [](configuration & c) -> auto& { return c.vmm.shadow.policy; });
  keys.whole(
      "vmm.shadow.kept_roots", "roots", 2, 1024, "shadow roots kept for a return to them",
      [](configuration & c) -> auto& { return c.vmm.shadow.kept_roots; });
  keys.whole(
      "vmm.shadow.upper_stores_unused", "stores", 1, 1'000'000,
      "stores to an upper table without a use, after which it counts as put to other use",
      [](configuration & c) -> auto& { return c.vmm.shadow.upper_stores_unused; });
  keys.whole(
      "vmm.shadow.leaf_stores_unused", "stores", 1, 1'000'000, "likewise for a leaf table",
      [](configuration & c) -> auto& { return c.vmm.shadow.leaf_stores_unused; });
}

}  // namespace

void add_vmm_keys(key_table& keys) {
  keys.read_by(reader::virtualised);
  keys.choice<unsigned>(
      "vmm.backing", {{"4k", paging::page_4k}, {"2m", paging::page_2m}, {"1g", paging::page_1g}},
      "page size that backs guest memory", [](configuration & c) -> auto& { return c.vmm.backing_log2; });
  keys.whole(
      "vmm.host_base", "bytes", 0, memory::sparse_store::max_size - least_pool,
      "first byte of the VMM's pool of host memory, a multiple of 4KiB",
      [](configuration & c) -> auto& { return c.vmm.host_base; });
  keys.whole(
      "vmm.host_size", "bytes", least_pool, memory::sparse_store::max_size,
      "the pool, for guest memory and for tables, a multiple of 4KiB",
      [](configuration & c) -> auto& { return c.vmm.host_size; });
  keys.truth(
      "vmm.scatter", "hand out 4 KiB host frames in a permuted order",
      [](configuration & c) -> auto& { return c.vmm.scatter; });
  keys.whole(
      "vmm.scatter_seed", "", 0, any, "seed of that order",
      [](configuration & c) -> auto& { return c.vmm.scatter_seed; });
  keys.whole(
      "vmm.reclaim.pages", "pages", 0, any, "4 KiB guest pages taken back at a time; 0: never",
      [](configuration & c) -> auto& { return c.vmm.reclaim.pages; });
  keys.whole(
      "vmm.reclaim.exits", "exits", 1, any, "exits between two times",
      [](configuration & c) -> auto& { return c.vmm.reclaim.exits; });
  keys.whole(
      "vmm.reclaim.keep_at_least", "pages", 16, any, "backed guest pages left to the guest",
      [](configuration & c) -> auto& { return c.vmm.reclaim.keep_at_least; });
  keys.read_by(reader::nested);
  keys.whole(
      "vmm.nested_levels", "levels", 4, 5, "levels of the second stage's tables",
      [](configuration & c) -> auto& { return c.vmm.nested_levels; });
  keys.truth(
      "vmm.ept_accessed_dirty", "EPT keeps accessed and dirty flags (EPTP bit 6); NPT always does",
      [](configuration & c) -> auto& { return c.vmm.ept_accessed_dirty; });
  add_handlers(keys);
  add_shadow(keys);
}

}  // namespace nestwalk::platforms
