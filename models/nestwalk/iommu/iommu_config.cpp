#include "nestwalk/iommu/iommu_config.h"

#include <limits>
#include <sstream>

#include "nestwalk/configuration/group.h"
#include "nestwalk/paging/vtd_consistency.h"

namespace nestwalk::iommu {
namespace {

// A rule for a capability register: it advertises nothing that is not modelled.
configuration::description::rule modelled_alone(const char* key, const std::uint64_t& held, std::uint64_t modelled) {
  return [key, &held, modelled](const std::string& path) -> std::string {
    if ((held & ~modelled) == 0) return "";
    std::ostringstream text;
    text << std::hex << path << '.' << key << ": 0x" << held << " advertises what is not modelled, by the bits 0x"
         << (held & ~modelled) << "; 0x" << (held & modelled) << " is the same without";
    return text.str();
  };
}

}  // namespace

void describe(const configuration::group& into, iommu_config& c) {
  using configuration::hexadecimal;
  constexpr configuration::whole_numbers any{0, std::numeric_limits<std::uint64_t>::max()};
  constexpr unsigned versions[] = {0x10, 0x7f};
  into.whole("version", hexadecimal, {versions[0], versions[1]},
             "value of the version register VER: major version in bits 7:4, minor in bits 3:0", c.version);
  into.whole("cap", hexadecimal, any, "the capability register, as a driver's log shows it", c.unit.cap);
  into.whole("ecap", hexadecimal, any, "the extended capability register, as a driver's log shows it", c.unit.ecap);
  into.rule(modelled_alone("cap", c.unit.cap, paging::vtd::cap::modelled));
  into.rule(modelled_alone("ecap", c.unit.ecap, paging::vtd::ecap::modelled));
  into.whole("host_bits", "bits", {32, 52}, "width of host-physical addresses", c.unit.host_bits);
  into.rule([&c](const std::string& path) {
    const std::string wrong = paging::vtd::contradiction_in(c.unit, c.version);
    return wrong.empty() ? wrong : path + '.' + wrong;
  });
  constexpr configuration::whole_numbers cycles{0, 10'000};
  into.whole("entry", "cycles", cycles, "time that the unit adds to each read of a device-table entry",
             c.tables.cycles_per_entry);
  describe(into.child("context_cache"), "context cache", c.tables.context_cache);
  describe(into.child("pasid_cache"), "PASID cache", c.tables.pasid_cache);
  describe(into.child("iotlb"), "IOTLB", c.iotlb);
  describe(into.child("second_stage_tlb"), "second-stage TLB", c.second_stage_tlb);
  walker::describe_guest_walker(into.child("first_stage_walker"), "first-stage walker", c.first_stage_walker);
  describe(into.child("second_stage_walker"), "second-stage walker", c.second_stage_walker);
}

void set_cycle(iommu_config& c, const sc_core::sc_time& cycle) {
  for (tlb::tlb_config* each : {&c.iotlb, &c.second_stage_tlb}) each->cycle = cycle;
  for (walker::walker_config* each : {&c.first_stage_walker, &c.second_stage_walker}) each->cycle = cycle;
  c.tables.cycle = c.queue.cycle = c.cycle = cycle;
}

}  // namespace nestwalk::iommu
