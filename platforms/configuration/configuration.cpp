#include "platforms/configuration/configuration.h"

#include <stdexcept>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/skylake_sp.h"
#include "platforms/configuration/toml_entries.h"
#include "platforms/rtl/rtl_parts.h"

namespace nestwalk::platforms {
namespace {

using namespace tlb::pages;

// A unit that can do all that is modelled. Its TLBs hold 64 entries, which is the reach that R. Neugebauer et al.
// measured on server processors (Understanding PCIe performance for end host networking, SIGCOMM 2018).
iommu::iommu_config default_iommu() {
  namespace cap = paging::vtd::cap;
  namespace ecap = paging::vtd::ecap;
  constexpr unsigned all_domains = 6;
  constexpr unsigned second_stage_levels = 0xe;
  constexpr unsigned widest_guest_address = 57;
  constexpr unsigned fault_records_at = 0x22;
  constexpr unsigned commands_at = 0xf;
  constexpr unsigned largest_mask = 18;
  constexpr unsigned pasid_bits = 20;
  iommu::iommu_config iommu;
  iommu.unit.cap = std::uint64_t{all_domains} << cap::nd | std::uint64_t{second_stage_levels} << cap::sagaw |
                   std::uint64_t{widest_guest_address - 1} << cap::mgaw | std::uint64_t{fault_records_at} << cap::fro |
                   cap::sslps_2m | cap::sslps_1g | cap::psi | std::uint64_t{largest_mask} << cap::mamv | cap::dwd |
                   cap::drd | cap::fs1gp | cap::fs5lp;
  iommu.unit.ecap = ecap::c | ecap::qi | ecap::dt | ecap::pt | ecap::sc | std::uint64_t{commands_at} << ecap::iro |
                    ecap::mts | ecap::nest | ecap::ers | ecap::srs | ecap::eafs |
                    std::uint64_t{pasid_bits - 1} << ecap::pss | ecap::pasid | ecap::smts | ecap::ssads | ecap::ssts |
                    ecap::fsts | ecap::smpwcs | ecap::rps | ecap::adms | ecap::rprivs;
  iommu.iotlb.base = iommu.second_stage_tlb.base = {64, 4, of_4k | of_2m | of_1g};
  iommu.iotlb.latency_cycles = iommu.second_stage_tlb.latency_cycles = 2;
  for (walker::walker_config* each : {&iommu.first_stage_walker, &iommu.second_stage_walker}) {
    each->caches.pml4e = {4, 0};
    each->caches.pdpte = {8, 0};
    each->caches.pde = {32, 4};
  }
  return iommu;
}

void describe_caches(const nestwalk::configuration::group& into, caches_settings& c) {
  const nestwalk::configuration::group shared = into.only_for("any");
  shared.whole("line", "bytes", {16, 4096}, "size of a line, in every level, a power of two", c.l1i.line, c.l1d.line,
               c.l2.line, c.llc.line);
  describe(into.child("l1i"), "L1 instruction cache", c.l1i);
  describe(into.child("l1d"), "L1 data cache", c.l1d);
  describe(into.child("l2"), "L2 cache", c.l2);
  describe(shared.child("llc"), "last-level cache", c.llc);
  into.choice<table_entry_level>("table_reads",
                                 {{"l1d", table_entry_level::l1d},
                                  {"l2", table_entry_level::l2},
                                  {"llc", table_entry_level::llc},
                                  {"dram", table_entry_level::dram}},
                                 "the level where the walkers' reads of tables enter the hierarchy", c.table_reads);
  shared.truth("filter", "whether caches try the line used last first: faster, with the same counts and times",
               c.l1i.filter, c.l1d.filter, c.l2.filter, c.llc.filter);
}

std::string bytes(std::uint64_t count) {
  return written(value(count), "bytes");
}

void check_memory(const configuration& c, unsigned readers) {
  const std::uint64_t reach = std::uint64_t{1} << c.mmu.processor.physical_bits;
  if (c.dram.size > reach)
    throw input_error(
        fmt::format("dram.size: {} are more than the {} bits of mmu.physical_bits can address, which is {}",
                    bytes(c.dram.size), c.mmu.processor.physical_bits, bytes(reach)));
  if ((readers & reader::native) != 0 && c.guest.memory > c.dram.size)
    throw input_error(fmt::format("guest.memory: {} are more than the memory has by dram.size, {}",
                                  bytes(c.guest.memory), bytes(c.dram.size)));
  if ((readers & reader::virtualised) == 0) return;
  if (c.vmm.host_size > c.dram.size || c.vmm.host_base > c.dram.size - c.vmm.host_size)
    throw input_error(
        fmt::format("vmm.host_size: {} from vmm.host_base on, {}, reach beyond the end of the memory, {} by "
                    "dram.size",
                    bytes(c.vmm.host_size), bytes(c.vmm.host_base), bytes(c.dram.size)));
  if (c.guest.memory >= c.vmm.host_size)
    throw input_error(
        fmt::format("guest.memory: {} and the VMM's tables do not fit into the VMM's pool of host memory, "
                    "{} by vmm.host_size",
                    bytes(c.guest.memory), bytes(c.vmm.host_size)));
}

}  // namespace

configuration::configuration() {
  static const configuration made = server();
  *this = made;
}

configuration::configuration(by_rooms) : iommu(default_iommu()) {}

configuration configuration::server() {
  constexpr const char* name = "skylake_sp.toml";
  configuration made{by_rooms()};
  const key_table keys(made);
  for (const toml_entry& each : toml_entries(skylake_sp_toml, name)) {
    if (each.is_table) continue;
    const key* const which = keys.find(each.path);
    if (which == nullptr || !each.value) throw std::logic_error(each.where + ": no key takes " + each.path);
    value given = which->read(*each.value);
    if (!admits(which->allowed, given)) throw std::logic_error(each.where + ": out of range");
    which->set(given);
  }
  return made;
}

void describe(const nestwalk::configuration::group& root, configuration& c) {
  describe(root.child("core"), c.core);
  describe(root.child("mmu"), {"rtl", "the walker in SystemVerilog, which reads none of their keys"}, c.mmu);
  describe_caches(root.child("caches"), c.caches);
  describe(root.child("dram").only_for("any"), c.dram);
  describe(root.child("guest"), c.guest);
  describe(root.child("vmm").only_for("vmm"), c.vmm);
  for (const workload::generator_description& each : workload::generators())
    each.describe(root.child("workload").only_for(each.name), c.workload);
  describe(root.child("iommu").only_for("device"), c.iommu);
  describe(root.child("driver").only_for("device"), c.driver);
  root.child("checks").only_for("any").truth(
      "protocol_monitors", "whether to watch every memory socket: a broken rule of TLM-2.0 is then an error",
      c.checks.protocol_monitors);
  root.child("statistics")
      .truth("cycle_stack",
             "tell whose each cycle was (stack.*); compare does unless told otherwise; every other count stays",
             c.statistics.cycle_stack);
}

void check(const configuration& c, unsigned readers) {
  configuration held = c;
  if (const std::string wrong = key_table(held).complaint(); !wrong.empty()) throw input_error(wrong);
  check_memory(c, readers);
  if (c.mmu.walker == mmu::walker_choice::external && !has_rtl())
    throw input_error(fmt::format("mmu.walker: \"rtl\" is not built: {}", how_to_get_rtl));
}

}  // namespace nestwalk::platforms
