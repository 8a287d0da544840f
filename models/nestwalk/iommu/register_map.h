// The registers of a remapping unit as data: where each stands, what it holds at reset, and which bits software may
// change.
#pragma once

#include <cstdint>
#include <vector>

#include "nestwalk/paging/vtd_capabilities.h"

namespace nestwalk::iommu {

/// The registers, in the order of the table; behind them stand the fault records, two registers each.
enum class unit_register : std::uint8_t {
  ver,
  cap,
  ecap,
  gcmd,
  gsts,
  rtaddr,
  ccmd,
  fsts,
  fectl,
  fedata,
  feaddr,
  feuaddr,
  pmen,
  plmbase,
  plmlimit,
  phmbase,
  phmlimit,
  iqh,
  iqt,
  iqa,
  ics,
  iectl,
  iedata,
  ieaddr,
  ieuaddr,
  iqercd,
  iva,
  iotlb,
  first_record,
};

/// One register (VT-d specification, 11.4).
struct register_form {
  std::uint32_t offset = 0;
  std::uint8_t bytes = 4;  ///< 4 or 8
  std::uint64_t reset = 0;
  std::uint64_t writable = 0;                  ///< bits that software writes
  std::uint64_t clears = 0;                    ///< bits that a written 1 clears
  std::uint64_t readable = ~std::uint64_t{0};  ///< others read 0: write-only ones
};

/// Bits of the global command and status registers (11.4.4).
namespace global {
inline constexpr std::uint32_t qie = 1u << 26;
inline constexpr std::uint32_t wbf = 1u << 27;
inline constexpr std::uint32_t srtp = 1u << 30;
inline constexpr std::uint32_t te = 1u << 31;
}  // namespace global

/// The root table address register (11.4.5).
namespace rtaddr {
inline constexpr std::uint64_t ttm = 3u << 10;
}

/// Bits of the context command register (11.4.6.1).
namespace ccmd {
inline constexpr std::uint64_t icc = std::uint64_t{1} << 63;
inline constexpr unsigned cirg = 61;  ///< 2 bits: granularity asked for
inline constexpr unsigned caig = 59;  ///< 2 bits: granularity done
inline constexpr std::uint64_t caig_mask = std::uint64_t{3} << caig;
inline constexpr unsigned fm = 32;
inline constexpr unsigned sid = 16;
}  // namespace ccmd

/// Bits of the IOTLB invalidate register (11.4.6.3).
namespace iotlb {
inline constexpr std::uint64_t ivt = std::uint64_t{1} << 63;
inline constexpr unsigned iirg = 60;  ///< 2 bits: granularity asked for
inline constexpr unsigned iaig = 57;  ///< 2 bits: granularity done
inline constexpr std::uint64_t iaig_mask = std::uint64_t{3} << iaig;
inline constexpr unsigned did = 32;
}  // namespace iotlb

/// Bits of the fault status register (11.4.7.1).
namespace fsts {
inline constexpr std::uint32_t pfo = 1u << 0;
inline constexpr std::uint32_t ppf = 1u << 1;
inline constexpr std::uint32_t iqe = 1u << 4;
inline constexpr std::uint32_t ice = 1u << 5;
inline constexpr std::uint32_t ite = 1u << 6;
inline constexpr unsigned fri = 8;
inline constexpr std::uint32_t fri_mask = 0xffu << fri;
/// What raises the fault event.
inline constexpr std::uint32_t events = pfo | ppf | iqe | ice | ite;
}  // namespace fsts

/// Bits of the two event control registers (11.4.7.2, 11.4.9.5).
namespace event_control {
inline constexpr std::uint32_t im = 1u << 31;
inline constexpr std::uint32_t ip = 1u << 30;
}  // namespace event_control

/// Bit of the upper half of a fault record (11.4.7.6).
namespace fault_record {
inline constexpr std::uint64_t f = std::uint64_t{1} << 63;
}

/// The invalidation completion status register (11.4.9.4).
namespace ics {
inline constexpr std::uint32_t iwc = 1u << 0;
}

/// The protected memory enable register (11.4.8.1).
namespace pmen {
inline constexpr std::uint32_t epm = 1u << 31;
inline constexpr std::uint32_t prs = 1u << 0;
}  // namespace pmen

/// The invalidation queue address register (11.4.9.3).
namespace iqa {
inline constexpr std::uint64_t dw = 1u << 11;
inline constexpr std::uint64_t qs = 7;
}  // namespace iqa

/// The registers of a unit of version `version` (VER) under its capabilities: those of what it cannot do read 0.
std::vector<register_form> register_map(const paging::vtd::unit_capabilities& unit, unsigned version);

/// The index of the lower (0) or upper (1) half of a fault record.
constexpr unsigned record_register(unsigned record, unsigned half) {
  return static_cast<unsigned>(unit_register::first_record) + 2 * record + half;
}

}  // namespace nestwalk::iommu
