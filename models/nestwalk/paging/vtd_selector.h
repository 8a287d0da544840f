// What invalidations take away from a remapping unit's context cache and PASID cache.
#pragma once

#include <cstdint>

#include "nestwalk/paging/vtd_descriptor.h"

namespace nestwalk::paging::vtd {

/// Which entries of the context cache an operation takes away (VT-d specification, 6.5.1.1 and 6.5.2.1).
struct context_selector {
  granularity how = granularity::global;
  std::uint16_t domain = 0;
  std::uint16_t source = 0;
  std::uint8_t function_mask = 0;

  /// Whether an entry kept for `of_source` goes; `of_domain` is its domain, which scalable-mode entries do not tell:
  /// those go with any domain.
  bool takes(std::uint16_t of_source, bool scalable, std::uint16_t of_domain) const {
    switch (how) {
      case granularity::domain: return scalable || of_domain == domain;
      case granularity::selective: return ((of_source ^ source) & compared_source_bits(function_mask)) == 0;
      default: return true;
    }
  }
};

/// Which entries of the PASID cache an operation takes away (6.5.2.2).
struct pasid_selector {
  pasid_granularity how = pasid_granularity::global;
  std::uint16_t domain = 0;
  std::uint32_t pasid = 0;

  bool takes(std::uint16_t of_domain, std::uint32_t of_pasid) const {
    switch (how) {
      case pasid_granularity::domain: return of_domain == domain;
      case pasid_granularity::pasid: return of_domain == domain && of_pasid == pasid;
      default: return true;
    }
  }
};

/// What a context-cache descriptor selects.
inline context_selector contexts_of(const descriptor& d) {
  return {d.how, d.domain, d.source, d.function_mask};
}
/// What a PASID-cache descriptor selects.
inline pasid_selector pasids_of(const descriptor& d) {
  return {d.how_pasid, d.domain, d.pasid};
}

}  // namespace nestwalk::paging::vtd
