// The context cache and the PASID cache of a remapping unit.
#pragma once

#include <cstdint>
#include <string>

#include "nestwalk/iommu/entry_cache.h"
#include "nestwalk/paging/vtd_entries.h"
#include "nestwalk/paging/vtd_selector.h"

namespace nestwalk::iommu {

/// A context entry as it was read, and what its invalidations go by.
struct kept_context {
  paging::vtd::entry bits{};
  bool scalable = false;
  std::uint16_t domain = 0;  ///< legacy entries
};

/// Context entries by source id (VT-d specification, 6.2.2).
class context_cache : public entry_cache<kept_context> {
 public:
  using entry_cache::entry_cache;

  void drop(const paging::vtd::context_selector& s) {
    invalidate([&](std::uint64_t key, const kept_context& kept) {
      return s.takes(static_cast<std::uint16_t>(key), kept.scalable, kept.domain);
    });
  }
};

/// A PASID entry as it was read.
struct kept_pasid {
  paging::vtd::entry bits{};
  std::uint16_t domain = 0;
  std::uint32_t pasid = 0;
  bool disables_faults = false;  ///< an FPD bit of it or of its directory entry
};

/// PASID entries by source id and PASID (6.2.3).
class pasid_cache : public entry_cache<kept_pasid> {
 public:
  using entry_cache::entry_cache;

  /// What an entry is kept under: all 20 bits of the PASID count.
  static constexpr std::uint64_t key_of(std::uint16_t source, std::uint32_t pasid) {
    return std::uint64_t{pasid} << 16 | source;
  }
  void drop(const paging::vtd::pasid_selector& s) {
    invalidate([&](std::uint64_t, const kept_pasid& kept) { return s.takes(kept.domain, kept.pasid); });
  }
};

}  // namespace nestwalk::iommu
