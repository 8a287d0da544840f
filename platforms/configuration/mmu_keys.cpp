// The mmu's keys. Every machine has the whole mmu, so each of them reads all of these.
#include <string>
#include <utility>
#include <vector>

#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/rooms.h"
#include "tlb/page_size.h"

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t most_entries = 1 << 20;
constexpr std::uint64_t most_cycles = 10'000;

// Every set of page sizes by its name: "4k", "4k+2m", "2m+4m".
std::vector<std::pair<std::string, unsigned>> sets_of_page_sizes() {
  std::vector<std::pair<std::string, unsigned>> sets;
  for (unsigned mask = 1; mask < 1u << tlb::page_size_count; ++mask) {
    std::string name;
    for (unsigned i = 0; i < tlb::page_size_count; ++i)
      if ((mask >> i & 1) != 0) name += (name.empty() ? "" : "+") + std::string(tlb::page_size_names[i]);
    sets.emplace_back(name, mask);
  }
  return sets;
}

void add_array(key_table& keys, const std::string& group, const std::string& what, tlb_settings mmu_settings::*which,
               tlb::array_config tlb_settings::*array) {
  keys.whole(
      group + ".entries", "entries", 0, most_entries,
      what + ", 0: not built", [=](configuration & c) -> auto& { return (c.mmu.*which.*array).entries; });
  keys.whole(
      group + ".ways", "ways", 0, most_entries,
      what + ": ways, which divide the entries; 0: fully associative", [=](configuration & c) -> auto& {
        return (c.mmu.*which.*array).ways;
      });
  keys.choice<unsigned>(
      group + ".pages", sets_of_page_sizes(),
      what + ": page sizes that share it", [=](configuration & c) -> auto& { return (c.mmu.*which.*array).sizes; });
}

void add_tlb(key_table& keys, const std::string& name, const std::string& what, tlb_settings mmu_settings::*which) {
  const std::string group = "mmu." + name;
  add_array(keys, group, what, which, &tlb_settings::base);
  add_array(keys, group + ".large", what + ", second array", which, &tlb_settings::large);
  add_array(keys, group + ".huge", what + ", third array", which, &tlb_settings::huge);
  keys.whole(
      group + ".latency", "cycles", 0, most_cycles,
      what + ": of a look-up, hit or miss", [=](configuration & c) -> auto& { return (c.mmu.*which).latency; });
  keys.choice<tlb::replacement_policy>(
      group + ".replacement",
      {{"lru", tlb::replacement_policy::lru},
       {"tree-plru", tlb::replacement_policy::tree_plru},
       {"fifo", tlb::replacement_policy::fifo},
       {"random", tlb::replacement_policy::random}},
      what + ": the entry that makes room", [=](configuration & c) -> auto& { return (c.mmu.*which).replacement; });
  keys.whole(
      group + ".seed", "", 0, 0xffffffff,
      what + ": seed of random replacement", [=](configuration & c) -> auto& { return (c.mmu.*which).seed; });
}

void add_walk_cache(key_table& keys, const std::string& group, const std::string& entry,
                    walker_settings mmu_settings::*which, walker::walk_cache_size walker::walk_cache_config::*level) {
  keys.whole(
      group + ".entries", "entries", 0, most_entries,
      "walk cache of " + entry + ", 0: not built", [=](configuration & c) -> auto& {
        return ((c.mmu.*which).caches.*level).entries;
      });
  keys.whole(
      group + ".ways", "ways", 0, most_entries,
      "walk cache of " + entry + ": ways; 0: fully associative", [=](configuration & c) -> auto& {
        return ((c.mmu.*which).caches.*level).ways;
      });
}

void add_walker(key_table& keys, const std::string& name, const std::string& what,
                walker_settings mmu_settings::*which) {
  const std::string group = "mmu." + name;
  keys.whole(
      group + ".start", "cycles", 0, most_cycles,
      "of each walk of the " + what + " beside its reads", [=](configuration & c) -> auto& {
        return (c.mmu.*which).start;
      });
  keys.whole(
      group + ".step", "cycles", 0, most_cycles,
      "that the " + what + " adds to each entry read", [=](configuration & c) -> auto& { return (c.mmu.*which).step; });
  keys.whole(
      group + ".exchange", "cycles", 0, most_cycles,
      "that the " + what + " adds to each exchange of an entry for its flags", [=](configuration & c) -> auto& {
        return (c.mmu.*which).exchange;
      });
  keys.whole(
      group + ".cache_step", "cycles", 0, most_cycles,
      "of a look-up of the " + what + "'s walk caches", [=](configuration & c) -> auto& {
        return (c.mmu.*which).cache_step;
      });
  using caches = walker::walk_cache_config;
  add_walk_cache(keys, group + ".pml5e", what + ", PML5 entries", which, &caches::pml5e);
  add_walk_cache(keys, group + ".pml4e", what + ", PML4 entries", which, &caches::pml4e);
  add_walk_cache(keys, group + ".pdpte", what + ", PDPT entries", which, &caches::pdpte);
  add_walk_cache(keys, group + ".pde", what + ", page-directory entries", which, &caches::pde);
}

void add_capabilities(key_table& keys) {
  keys.choice<paging::vendor>(
      "mmu.vendor", {{"intel", paging::vendor::intel}, {"amd", paging::vendor::amd}},
      "whose manual rules: intel has EPT as its second stage, amd nested paging (NPT)",
      [](configuration & c) -> auto& { return c.mmu.machine.maker; });
  keys.whole(
      "mmu.physical_bits", "bits", 36, 52, "width of a physical address (MAXPHYADDR)",
      [](configuration & c) -> auto& { return c.mmu.machine.physical_bits; });
}

}  // namespace

void add_mmu_keys(key_table& keys) {
  keys.read_by(reader::every_machine);
  add_capabilities(keys);
  add_tlb(keys, "l1i_tlb", "L1 instruction TLB", &mmu_settings::l1i_tlb);
  add_tlb(keys, "l1d_tlb", "L1 data TLB", &mmu_settings::l1d_tlb);
  add_tlb(keys, "l2_tlb", "unified L2 TLB", &mmu_settings::l2_tlb);
  add_tlb(keys, "nested_tlb", "nested TLB (GPA to HPA)", &mmu_settings::nested_tlb);
  keys.choice<walker_kind>(
      "mmu.walker", {{"modelled", walker_kind::modelled}, {"rtl", walker_kind::rtl}},
      "who walks the tables: the modelled walkers, or the one in SystemVerilog, which reads no key of those",
      [](configuration & c) -> auto& { return c.mmu.walker; });
  add_walker(keys, "guest_walker", "guest walker", &mmu_settings::guest_walker);
  keys.choice<walker::held_address>(
      "mmu.guest_walker.holds",
      {{"gpa", walker::held_address::guest_physical}, {"hpa", walker::held_address::host_physical}},
      "what its walk caches keep of a table page under a second stage",
      [](configuration & c) -> auto& { return c.mmu.guest_walker.caches.holds; });
  keys.truth(
      "mmu.guest_walker.asks_again",
      "it asks the second stage anew before it sets flags, even where the answer that its read had permits the write",
      [](configuration & c) -> auto& { return c.mmu.guest_walker.asks_again; });
  add_walker(keys, "nested_walker", "nested walker", &mmu_settings::nested_walker);
  keys.whole(
      "mmu.register_write", "cycles", 0, 1'000'000, "of a write of CR0, CR3, CR4 or EFER",
      [](configuration & c) -> auto& { return c.mmu.register_write; });
  keys.whole(
      "mmu.invalidation", "cycles", 0, 1'000'000, "of INVLPG, INVPCID, INVEPT, INVVPID or INVLPGA",
      [](configuration & c) -> auto& { return c.mmu.invalidation; });
  keys.truth(
      "mmu.use_dmi", "the walkers read tables through DMI where the memory grants it",
      [](configuration & c) -> auto& { return c.mmu.use_dmi; });
  keys.truth(
      "mmu.filter", "try the TLB entry used last first; faster, every count stays the same",
      [](configuration & c) -> auto& { return c.mmu.filter; });
}

}  // namespace nestwalk::platforms
