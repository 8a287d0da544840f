// The protected memory regions of a remapping unit.
#pragma once

#include <cstdint>

#include "nestwalk/iommu/register_file.h"

namespace nestwalk::iommu {

/// Whether [first, last] touches a protected region that the unit has while they are enabled (VT-d specification,
/// 11.4.8): requests that no table translates may not go there. A region whose limit is below its base is none; one at
/// reset is the first MByte.
inline bool is_protected(const register_file& r, const paging::vtd::unit_capabilities& unit, std::uint64_t first,
                         std::uint64_t last) {
  if ((r[unit_register::pmen] & pmen::epm) == 0) return false;
  constexpr std::uint64_t inside = (std::uint64_t{1} << 20) - 1;
  const auto touches = [&](unit_register base, unit_register limit) {
    return first <= (r[limit] | inside) && r[base] <= last && r[base] <= r[limit];
  };
  return (unit.can(paging::vtd::cap::plmr) && touches(unit_register::plmbase, unit_register::plmlimit)) ||
         (unit.can(paging::vtd::cap::phmr) && touches(unit_register::phmbase, unit_register::phmlimit));
}

}  // namespace nestwalk::iommu
