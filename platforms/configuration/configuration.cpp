#include "platforms/configuration/configuration.h"

#include <fmt/format.h>

#include "platforms/configuration/key.h"
#include "platforms/rtl/rtl_parts.h"
#include "protocol/error.h"
#include "tlb/page_size.h"

namespace nestwalk::platforms {
namespace {

using namespace tlb::pages;

// The figures of platforms/skylake_sp.toml, where their sources stand.
mmu_settings default_mmu() {
  mmu_settings mmu;
  mmu.machine.physical_bits = 46;
  mmu.l1i_tlb.base = {128, 8, of_4k};
  mmu.l1i_tlb.large = {8, 0, of_2m | of_4m};
  mmu.l1d_tlb.base = {64, 4, of_4k};
  mmu.l1d_tlb.large = {32, 4, of_2m | of_4m};
  mmu.l1d_tlb.huge = {4, 0, of_1g};
  mmu.l2_tlb.base = {1536, 12, of_4k | of_2m | of_4m};
  mmu.l2_tlb.huge = {16, 4, of_1g};
  mmu.l2_tlb.latency = 9;
  mmu.nested_tlb.base = {64, 4, of_4k};
  mmu.nested_tlb.large = {32, 4, of_2m};
  mmu.nested_tlb.huge = {4, 0, of_1g};
  mmu.nested_tlb.latency = 1;
  mmu.guest_walker.caches.pml4e = {2, 0};
  mmu.guest_walker.caches.pdpte = {4, 0};
  mmu.guest_walker.caches.pde = {32, 4};
  mmu.nested_walker.caches = mmu.guest_walker.caches;
  return mmu;
}

caches_settings default_caches() {
  caches_settings caches;
  caches.l1i = {32 * 1024, 8, 0};
  caches.l1d = {32 * 1024, 8, 4};
  caches.l2 = {1024 * 1024, 16, 10};
  caches.llc = {22 * 1024 * 1024, 11, 54};
  return caches;
}

void check_array(const std::string& key, const tlb::array_config& array) {
  if (array.entries == 0 || array.ways == 0 || array.entries % array.ways == 0) return;
  unsigned below = array.ways;
  while (array.entries % below != 0) --below;
  throw input_error(
      fmt::format("{0}.ways: {1} ways do not divide the {2} entries of {0}.entries; {3} ways would, and 0 "
                  "makes it fully associative",
                  key, array.ways, array.entries, below));
}

void check_walk_cache(const std::string& key, const walker::walk_cache_size& size) {
  check_array(key, {size.entries, size.ways});
}

void check_tlb(const std::string& key, const tlb_settings& t) {
  check_array(key, t.base);
  check_array(key + ".large", t.large);
  check_array(key + ".huge", t.huge);
}

void check_walker(const std::string& key, const walker_settings& w) {
  check_walk_cache(key + ".pml5e", w.caches.pml5e);
  check_walk_cache(key + ".pml4e", w.caches.pml4e);
  check_walk_cache(key + ".pdpte", w.caches.pdpte);
  check_walk_cache(key + ".pde", w.caches.pde);
}

std::string bytes(std::uint64_t count) {
  return written(value(count), "bytes");
}

void check_memory(const configuration& c, unsigned readers) {
  const std::uint64_t reach = std::uint64_t{1} << c.mmu.machine.physical_bits;
  if (c.dram.size > reach)
    throw input_error(fmt::format("dram.size: {} are more than {} bits of mmu.physical_bits address, {}",
                                  bytes(c.dram.size), c.mmu.machine.physical_bits, bytes(reach)));
  if ((readers & reader::native) != 0 && c.guest.memory > c.dram.size)
    throw input_error(fmt::format("guest.memory: {} are more than the memory holds, {} by dram.size",
                                  bytes(c.guest.memory), bytes(c.dram.size)));
  if ((readers & reader::virtualised) == 0) return;
  if (c.vmm.host_size > c.dram.size || c.vmm.host_base > c.dram.size - c.vmm.host_size)
    throw input_error(
        fmt::format("vmm.host_size: {} from vmm.host_base, {}, on are more than the memory holds, {} by "
                    "dram.size",
                    bytes(c.vmm.host_size), bytes(c.vmm.host_base), bytes(c.dram.size)));
  if (c.guest.memory >= c.vmm.host_size)
    throw input_error(
        fmt::format("guest.memory: {} and the VMM's tables do not fit into the VMM's pool of host memory, "
                    "{} by vmm.host_size",
                    bytes(c.guest.memory), bytes(c.vmm.host_size)));
}

}  // namespace

configuration::configuration() : mmu(default_mmu()), caches(default_caches()) {
  core.cycle = sc_core::sc_time(0.4, sc_core::SC_NS);
  dram.size = std::uint64_t{64} << 30;
  dram.timing.channels = 6;
  dram.timing.controller = sc_core::sc_time(20, sc_core::SC_NS);
}

void check(const configuration& c, unsigned readers) {
  check_tlb("mmu.l1i_tlb", c.mmu.l1i_tlb);
  check_tlb("mmu.l1d_tlb", c.mmu.l1d_tlb);
  check_tlb("mmu.l2_tlb", c.mmu.l2_tlb);
  check_tlb("mmu.nested_tlb", c.mmu.nested_tlb);
  check_walker("mmu.guest_walker", c.mmu.guest_walker);
  check_walker("mmu.nested_walker", c.mmu.nested_walker);
  check_memory(c, readers);
  if (c.mmu.walker == walker_kind::rtl && !has_rtl())
    throw input_error(fmt::format("mmu.walker: \"rtl\" is not built: {}", how_to_get_rtl));
}

}  // namespace nestwalk::platforms
