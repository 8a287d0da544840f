// What the device tables say, made into a domain that translations happen in, and faults in it into reasons.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/paging/device_walk.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/format.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/paging/vtd_descriptor.h"
#include "nestwalk/paging/vtd_fault.h"
#include "nestwalk/paging/vtd_request.h"

namespace nestwalk::paging::vtd {

/// Bits of a second-stage entry (VT-d specification, 9.8).
namespace second_entry {
inline constexpr std::uint64_t r = 1u << 0;
inline constexpr std::uint64_t w = 1u << 1;
inline constexpr std::uint64_t x = 1u << 2;  ///< where SSEE is set; else ignored
inline constexpr std::uint64_t a = 1u << 8;
inline constexpr std::uint64_t d = 1u << 9;
inline constexpr std::uint64_t snp = 1u << 11;
/// TM of revisions up to 4: ignored in leaves on units with device TLBs, else reserved, as IW of later ones is.
inline constexpr std::uint64_t tm = std::uint64_t{1} << 62;
}  // namespace second_entry

/// The extended-accessed flag of a first-stage entry (9.7), which EAFE turns on.
inline constexpr std::uint64_t extended_accessed = 1u << 10;

/// What a PASID entry says of its second stage; nothing of it in legacy mode.
struct second_stage_controls {
  unsigned levels = 4;
  bool execute_enable = false;  ///< SSEE: entries have X
  bool flags = false;           ///< SSADE: accessed and dirty flags
};

/// The second-stage tables of a unit (9.8).
format second_stage_format(const second_stage_controls& c, const unit_capabilities& unit);

/// The domain that requests of the assignment are translated in; in pass-through its stages have no say. Mappings are
/// tagged by domain id and, where a first stage takes part, by PASID (6.2.1).
domain domain_of(const assignment& a, const unit_capabilities& unit);

/// The widest address, in bits, that a request of the assignment may carry where no first stage translates it
/// (7.1.3, LGN.1, SGN.4 and SGN.5).
unsigned address_bits(const assignment& a, const unit_capabilities& unit);

/// The access that a request makes of a first stage.
constexpr access first_stage_access(const request& r, const assignment& a) {
  return {r.access, a.privileged ? access_mode::supervisor : access_mode::user};
}

/// Why a request is blocked whose translation ended in `f`, in the domain `d` of assignment `a`.
reason reason_of(const fault& f, const assignment& a, const domain& d);
/// Why one is blocked whose address is wider than `address_bits`.
reason beyond_width(const request& r, const assignment& a);
/// Why one is blocked that would go to the interrupt address range.
reason to_interrupt_range(const assignment& a);

/// The address range of interrupts (3.15).
constexpr bool in_interrupt_range(std::uint64_t address) {
  return address >> 20 == 0xfee;
}

/// What an IOTLB or PASID-based-IOTLB descriptor takes from TLBs and walk caches: up to two selectors (6.5.2.3 and
/// 6.5.2.4, tables 23 and 24). A range of a domain is one of its second stage: with it go all first-stage and nested
/// mappings of the domain, whose addresses are others.
struct iotlb_selection {
  std::array<selector, 2> of;
  unsigned count = 0;
};
iotlb_selection selected_by(const descriptor& d);

}  // namespace nestwalk::paging::vtd
