// Remapping units over memory, on which conformance scripts are performed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include "nestwalk/iommu/iommu.h"
#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/protocol/owned_payload.h"
#include "platforms/conform/script.h"

namespace nestwalk::platforms {

/// One unit of each set of capabilities that scripts ask for, with every source id that they send from; units that
/// cache and units that do not. Made before simulation begins; each script begins with a reset unit and empty memory.
class script_bench {
 public:
  /// What scripts will ask for.
  struct demand {
    paging::vtd::unit_capabilities unit;
    std::vector<std::uint16_t> sources;
  };

  explicit script_bench(const std::vector<demand>& demands);
  ~script_bench();

  /// Performs a script on each unit for it: what was wrong first, or nothing.
  std::string perform(const conformance_script& s);

 private:
  class rig;
  std::vector<std::unique_ptr<rig>> rigs_;
};

}  // namespace nestwalk::platforms
