#include "nestwalk/iommu/register_map.h"

namespace nestwalk::iommu {

namespace {

namespace cap = paging::vtd::cap;
namespace ecap = paging::vtd::ecap;

constexpr std::uint64_t all = ~std::uint64_t{0};

// Bits high..low, both included.
constexpr std::uint64_t bits(unsigned high, unsigned low) {
  return (all >> (63 - high)) & (all << low);
}

register_form read_only(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  return {offset, static_cast<std::uint8_t>(bytes), value, 0, 0, all};
}
register_form read_write(std::uint32_t offset, unsigned bytes, std::uint64_t writable, std::uint64_t reset = 0) {
  return {offset, static_cast<std::uint8_t>(bytes), reset, writable, 0, all};
}

// Version 6.0 dropped invalidation by registers (11.4.6).
constexpr unsigned last_version_with_commands = 5;

}  // namespace

std::vector<register_form> register_map(const paging::vtd::unit_capabilities& unit, unsigned version) {
  const std::uint64_t pointer = bits(unit.host_bits - 1, 12);
  const bool commands = (version >> 4) <= last_version_with_commands;
  const bool queue = unit.has(ecap::qi);
  const bool low = unit.can(cap::plmr);
  const bool high = unit.can(cap::phmr);
  const std::uint64_t ccmd_bits = ccmd::icc | bits(62, 61) | bits(33, 0);
  const std::uint64_t iotlb_bits = iotlb::ivt | bits(61, 60) | bits(49, 32);
  const std::uint64_t upper_address = bits(31, 0);
  const auto event = event_control::im;
  const std::uint32_t iva = unit.invalidate_address_offset();
  std::vector<register_form> map = {
      read_only(0x00, 4, version),
      read_only(0x08, 8, unit.cap),
      read_only(0x10, 8, unit.ecap),
      {0x18, 4, 0, bits(31, 23), 0, 0},
      read_only(0x1c, 4, 0),
      read_write(0x20, 8, pointer | rtaddr::ttm),
      {0x28, 8, 0, commands ? ccmd_bits : 0, 0, ~bits(33, 16)},
      {0x34, 4, 0, 0, fsts::pfo | (queue ? fsts::iqe : 0) | (unit.has(ecap::dt) ? fsts::ice | fsts::ite : 0), all},
      read_write(0x38, 4, event, event),
      read_write(0x3c, 4, bits(15, 0)),
      read_write(0x40, 4, bits(31, 2)),
      read_write(0x44, 4, upper_address),
      read_write(0x64, 4, low || high ? pmen::epm : 0),
      read_write(0x68, 4, low ? bits(31, 20) : 0),
      read_write(0x6c, 4, low ? bits(31, 20) : 0),
      read_write(0x70, 8, high ? bits(unit.host_bits - 1, 20) : 0),
      read_write(0x78, 8, high ? bits(unit.host_bits - 1, 20) : 0),
      read_only(0x80, 8, 0),
      read_write(0x88, 8, queue ? bits(18, 4) : 0),
      read_write(0x90, 8, queue ? pointer | iqa::qs | iqa::dw : 0),
      {0x9c, 4, 0, 0, queue ? ics::iwc : 0, all},
      read_write(0xa0, 4, queue ? event : 0, queue ? event : 0),
      read_write(0xa4, 4, queue ? bits(15, 0) : 0),
      read_write(0xa8, 4, queue ? bits(31, 2) : 0),
      read_write(0xac, 4, queue ? upper_address : 0),
      read_only(0xb0, 8, 0),
      {iva, 8, 0, commands ? bits(63, 12) | bits(6, 0) : 0, 0, 0},
      {iva + 8, 8, 0, commands ? iotlb_bits : 0, 0, all},
  };
  for (unsigned n = 0; n < unit.fault_records(); ++n) {
    const std::uint32_t at = unit.fault_record_offset() + n * 16;
    map.push_back(read_only(at, 8, 0));
    map.push_back({at + 8, 8, 0, 0, fault_record::f, all});
  }
  return map;
}

}  // namespace nestwalk::iommu
