// What a remapping unit of Intel's Virtualization Technology for Directed I/O says that it can do.
#pragma once

#include <cstdint>

namespace nestwalk::paging::vtd {

/// Bits of the Capability Register (VT-d specification, 11.4.2).
namespace cap {
inline constexpr unsigned nd = 0;  ///< 3 bits: 4 + 2 * ND bits of domain id
inline constexpr std::uint64_t rwbf = 1u << 4;
inline constexpr std::uint64_t plmr = 1u << 5;
inline constexpr std::uint64_t phmr = 1u << 6;
inline constexpr std::uint64_t cm = 1u << 7;
inline constexpr unsigned sagaw = 8;  ///< 5 bits; bit 1 three levels, bit 2 four, bit 3 five
inline constexpr unsigned mgaw = 16;  ///< 6 bits: widest guest address, less one
inline constexpr unsigned fro = 24;   ///< 10 bits: offset of the fault records, in 16 bytes
inline constexpr std::uint64_t sslps_2m = std::uint64_t{1} << 34;  ///< second-stage pages of 2 MByte
inline constexpr std::uint64_t sslps_1g = std::uint64_t{1} << 35;  ///< second-stage pages of 1 GByte
inline constexpr std::uint64_t psi = std::uint64_t{1} << 39;
inline constexpr unsigned nfr = 40;   ///< 8 bits: fault records, less one
inline constexpr unsigned mamv = 48;  ///< 6 bits
inline constexpr std::uint64_t dwd = std::uint64_t{1} << 54;
inline constexpr std::uint64_t drd = std::uint64_t{1} << 55;
inline constexpr std::uint64_t fs1gp = std::uint64_t{1} << 56;  ///< first-stage pages of 1 GByte
inline constexpr std::uint64_t fs5lp = std::uint64_t{1} << 60;  ///< five levels of first-stage tables
inline constexpr std::uint64_t esrtps = std::uint64_t{1} << 63;
/// All fields above: what a unit of ours can advertise.
inline constexpr std::uint64_t modelled =
    std::uint64_t{7} << nd | rwbf | plmr | phmr | cm | std::uint64_t{0xe} << sagaw | std::uint64_t{0x3f} << mgaw |
    std::uint64_t{0x3ff} << fro | sslps_2m | sslps_1g | psi | std::uint64_t{0xff} << nfr | std::uint64_t{0x3f} << mamv |
    dwd | drd | fs1gp | fs5lp | esrtps;
}  // namespace cap

/// Bits of the Extended Capability Register (VT-d specification, 11.4.3).
namespace ecap {
inline constexpr std::uint64_t c = 1u << 0;
inline constexpr std::uint64_t qi = 1u << 1;
inline constexpr std::uint64_t dt = 1u << 2;
inline constexpr std::uint64_t ir = 1u << 3;
inline constexpr std::uint64_t pt = 1u << 6;
inline constexpr std::uint64_t sc = 1u << 7;
inline constexpr unsigned iro = 8;  ///< 10 bits: offset of IVA, in 16 bytes
inline constexpr std::uint64_t mts = 1u << 25;
inline constexpr std::uint64_t nest = 1u << 26;
inline constexpr std::uint64_t prs = 1u << 29;
inline constexpr std::uint64_t ers = 1u << 30;
inline constexpr std::uint64_t srs = std::uint64_t{1} << 31;
inline constexpr std::uint64_t eafs = std::uint64_t{1} << 34;
inline constexpr unsigned pss = 35;  ///< 5 bits: bits of a PASID, less one
inline constexpr std::uint64_t pasid = std::uint64_t{1} << 40;
inline constexpr std::uint64_t smts = std::uint64_t{1} << 43;
inline constexpr std::uint64_t ssads = std::uint64_t{1} << 45;
inline constexpr std::uint64_t ssts = std::uint64_t{1} << 46;
inline constexpr std::uint64_t fsts = std::uint64_t{1} << 47;
inline constexpr std::uint64_t smpwcs = std::uint64_t{1} << 48;
inline constexpr std::uint64_t rps = std::uint64_t{1} << 49;
inline constexpr std::uint64_t adms = std::uint64_t{1} << 52;
inline constexpr std::uint64_t rprivs = std::uint64_t{1} << 53;
/// The fields above of what is modelled: not interrupt remapping, and not page requests.
inline constexpr std::uint64_t modelled = c | qi | dt | pt | sc | std::uint64_t{0x3ff} << iro | mts | nest | ers | srs |
                                          eafs | std::uint64_t{0x1f} << pss | pasid | smts | ssads | ssts | fsts |
                                          smpwcs | rps | adms | rprivs;
}  // namespace ecap

/// Both registers, and the width of host addresses, which they do not tell. What is not advertised is refused.
struct unit_capabilities {
  std::uint64_t cap = 0;
  std::uint64_t ecap = 0;
  unsigned host_bits = 46;  ///< host address width: bits of an hpa; those above are reserved in every entry

  constexpr bool has(std::uint64_t ecap_bit) const { return (ecap & ecap_bit) != 0; }
  constexpr bool can(std::uint64_t cap_bit) const { return (cap & cap_bit) != 0; }
  constexpr unsigned domain_bits() const { return 4 + 2 * field(cap, cap::nd, 3); }
  /// The bits of a domain id that the unit has; it ignores others where it is asked to invalidate.
  constexpr std::uint16_t domain_mask() const { return static_cast<std::uint16_t>((1u << domain_bits()) - 1); }
  /// Whether second-stage tables of 3, 4 or 5 levels are supported.
  constexpr bool second_levels(unsigned levels) const {
    return levels >= 3 && levels <= 5 && ((cap >> (cap::sagaw + levels - 2)) & 1) != 0;
  }
  /// MGAW: bits of the widest address that a device may send through the second stage.
  constexpr unsigned guest_bits() const { return field(cap, cap::mgaw, 6) + 1; }
  constexpr std::uint64_t guest_mask() const { return ~std::uint64_t{0} >> (64 - guest_bits()); }
  /// Bits of the widest address that any of its second-stage tables translate.
  constexpr unsigned widest_address() const { return second_levels(5) ? 57 : second_levels(4) ? 48 : 39; }
  constexpr unsigned fault_record_offset() const { return field(cap, cap::fro, 10) * 16; }
  constexpr unsigned fault_records() const { return field(cap, cap::nfr, 8) + 1; }
  constexpr unsigned largest_address_mask() const { return field(cap, cap::mamv, 6); }
  constexpr unsigned invalidate_address_offset() const { return field(ecap, ecap::iro, 10) * 16; }
  /// Bits of a PASID; 0 where requests may not carry one.
  constexpr unsigned pasid_bits() const { return has(ecap::pasid) ? field(ecap, ecap::pss, 5) + 1 : 0; }

 private:
  static constexpr unsigned field(std::uint64_t from, unsigned at, unsigned width) {
    return static_cast<unsigned>((from >> at) & ((1u << width) - 1));
  }
};

/// The address bits that second-stage tables of 3, 4 or 5 levels translate.
constexpr unsigned second_stage_bits(unsigned levels) {
  return 12 + 9 * levels;
}

}  // namespace nestwalk::paging::vtd
