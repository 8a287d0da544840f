// A process of the guest.
#pragma once

#include <cstdint>
#include <utility>

#include "nestwalk/guest/address_space.h"
#include "nestwalk/guest/region_map.h"

namespace nestwalk::guest {

struct process {
  process(std::uint32_t its_name, std::uint64_t its_context, paging::gpa root, unsigned levels, region_map rights)
      : name(its_name), context(its_context), space(root, levels), regions(std::move(rights)) {}

  std::uint32_t name;     ///< as the workload names it; free again once the process has ended
  std::uint64_t context;  ///< never used twice
  address_space space;
  region_map regions;
};

}  // namespace nestwalk::guest
