// What a remapping unit is built of.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "nestwalk/iommu/device_resolver.h"
#include "nestwalk/iommu/invalidation_engine.h"
#include "nestwalk/paging/vtd_capabilities.h"
#include "nestwalk/tlb/config.h"
#include "nestwalk/walker/walker_config.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::iommu {

/// Configuration of an iommu. A cache of size 0 is not built.
struct iommu_config {
  paging::vtd::unit_capabilities unit;  ///< what it can do; it refuses everything else
  unsigned version = 0x10;              ///< VER: major in bits 7:4, minor in bits 3:0
  std::vector<std::uint16_t> devices;   ///< requester id of each device socket
  device_resolver_config tables;        ///< context and PASID caches, the walk of device tables
  tlb::tlb_config iotlb;                ///< mappings of first-stage and nested translation
  tlb::tlb_config second_stage_tlb;     ///< mappings of the second stage: those of requests, and of first-stage tables
  walker::walker_config first_stage_walker;
  walker::walker_config second_stage_walker;
  invalidation_engine_config queue;
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period of the cycles below
  unsigned register_cycles = 4;               ///< time of a read or write of a register
};

/// Its keys and those of its caches and walkers. Requester ids have none: whoever composes the unit with devices names
/// them, and sets the clock period by `set_cycle`. Neither has the queue.
void describe(const configuration::group& into, iommu_config& c);

/// Makes `cycle` the clock period of the unit and of all its parts.
void set_cycle(iommu_config& c, const sc_core::sc_time& cycle);

}  // namespace nestwalk::iommu
