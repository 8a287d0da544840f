#include "nestwalk/paging/vtd_descriptor.h"

namespace nestwalk::paging::vtd {

namespace {

// Bits high..low, both included.
constexpr std::uint64_t bits(unsigned high, unsigned low) {
  return (~std::uint64_t{0} >> (63 - high)) & (~std::uint64_t{0} << low);
}
constexpr std::uint64_t bit(unsigned at) {
  return std::uint64_t{1} << at;
}
constexpr std::uint64_t field(std::uint64_t from, unsigned high, unsigned low) {
  return (from & bits(high, low)) >> low;
}
constexpr std::uint64_t all = ~std::uint64_t{0};

// Where a type has reserved bits, and in which units and table modes it exists.
struct form {
  std::uint64_t reserved[2];
  std::uint64_t needs;  // of ECAP
  bool scalable_only;
};

constexpr form context_cache_form{{bits(8, 6) | bits(15, 12) | bits(63, 50), all}, 0, false};
constexpr form iotlb_form{{bit(8) | bits(15, 12) | bits(63, 32), bits(11, 7)}, 0, false};
// PFSID is of units that throttle device-TLB invalidations (DIT), and MIP a hint to them.
constexpr form device_tlb_form{{bits(8, 4) | bits(15, 12) | bits(31, 21) | bits(63, 48), bits(11, 1)}, ecap::dt, false};
constexpr form wait_form{{bits(8, 7) | bits(31, 12), bits(1, 0)}, 0, false};
constexpr form pasid_iotlb_form{{bits(8, 6) | bits(15, 12) | bits(63, 52), bits(11, 7)}, ecap::smts, true};
constexpr form pasid_cache_form{{bits(8, 6) | bits(15, 12) | bits(63, 52), all}, ecap::smts, true};
constexpr form pasid_device_tlb_form{{bits(15, 12) | bits(63, 52), bits(10, 1)}, ecap::dt | ecap::smts, true};

const form* form_of(unsigned type) {
  switch (static_cast<descriptor_type>(type)) {
    case descriptor_type::context_cache: return &context_cache_form;
    case descriptor_type::iotlb: return &iotlb_form;
    case descriptor_type::device_tlb: return &device_tlb_form;
    case descriptor_type::wait: return &wait_form;
    case descriptor_type::pasid_iotlb: return &pasid_iotlb_form;
    case descriptor_type::pasid_cache: return &pasid_cache_form;
    case descriptor_type::pasid_device_tlb: return &pasid_device_tlb_form;
  }
  return nullptr;
}

// A domain id; bits beyond the width that the unit has are ignored.
std::uint16_t domain_in(std::uint64_t field_31_16, const unit_capabilities& unit) {
  return static_cast<std::uint16_t>(field(field_31_16, 31, 16) & unit.domain_mask());
}

void take_range(const descriptor_qwords& raw, descriptor& d) {
  d.hint = (raw[1] & bit(6)) != 0;
  d.size_log2 = static_cast<std::uint8_t>(12 + field(raw[1], 5, 0));
  d.address = raw[1] & (d.size_log2 >= 64 ? 0 : all << d.size_log2);
  if (d.size_log2 > 64) d.size_log2 = 64;
}

// The S bit and the lowest 0 among the address bits give the size (PCI Express, ATS invalidate request).
void take_sized_address(std::uint64_t address, bool sized, descriptor& d) {
  d.size_log2 = 12;
  if (sized) {
    while (d.size_log2 < 63 && (address & bit(d.size_log2)) != 0) ++d.size_log2;
    ++d.size_log2;
  }
  d.address = d.size_log2 >= 64 ? 0 : address & (all << d.size_log2);
}

queue_error take_iotlb(const descriptor_qwords& raw, const unit_capabilities& unit, descriptor& d) {
  d.how = static_cast<granularity>(field(raw[0], 5, 4));
  d.domain = domain_in(raw[0], unit);
  const bool by_pasid = d.type == descriptor_type::pasid_iotlb;
  if (d.how == granularity::reserved || (by_pasid && d.how == granularity::global)) return queue_error::reserved_field;
  if (by_pasid) {
    d.pasid = static_cast<std::uint32_t>(field(raw[0], 51, 32));
  } else {
    d.drains_writes = (raw[0] & bit(6)) != 0;
    d.drains_reads = (raw[0] & bit(7)) != 0;
  }
  if (d.how != granularity::selective) return queue_error::none;
  take_range(raw, d);
  if (by_pasid) return queue_error::none;  // any mask (11.4.2, MAMV)
  if (!unit.can(cap::psi)) return queue_error::reserved_field;
  if (field(raw[1], 5, 0) > unit.largest_address_mask()) return queue_error::reserved_field;
  d.address &= unit.guest_mask();
  return queue_error::none;
}

queue_error take_fields(const descriptor_qwords& raw, const unit_capabilities& unit, descriptor& d) {
  switch (d.type) {
    case descriptor_type::context_cache:
      d.how = static_cast<granularity>(field(raw[0], 5, 4));
      d.domain = domain_in(raw[0], unit);
      d.source = static_cast<std::uint16_t>(field(raw[0], 47, 32));
      d.function_mask = static_cast<std::uint8_t>(field(raw[0], 49, 48));
      return d.how == granularity::reserved ? queue_error::reserved_field : queue_error::none;
    case descriptor_type::iotlb:
    case descriptor_type::pasid_iotlb: return take_iotlb(raw, unit, d);
    case descriptor_type::pasid_cache:
      d.how_pasid = static_cast<pasid_granularity>(field(raw[0], 5, 4));
      d.domain = domain_in(raw[0], unit);
      d.pasid = static_cast<std::uint32_t>(field(raw[0], 51, 32));
      return d.how_pasid == pasid_granularity::reserved ? queue_error::reserved_field : queue_error::none;
    case descriptor_type::device_tlb:
      d.source = static_cast<std::uint16_t>(field(raw[0], 47, 32));
      take_sized_address(raw[1], (raw[1] & 1) != 0, d);
      return queue_error::none;
    case descriptor_type::pasid_device_tlb:
      d.source = static_cast<std::uint16_t>(field(raw[0], 31, 16));
      d.pasid = static_cast<std::uint32_t>(field(raw[0], 51, 32));
      d.global = (raw[1] & 1) != 0;
      take_sized_address(raw[1], (raw[1] & bit(11)) != 0, d);
      return queue_error::none;
    case descriptor_type::wait: break;
  }
  d.interrupts = (raw[0] & bit(4)) != 0;
  d.writes_status = (raw[0] & bit(5)) != 0;
  d.fence = (raw[0] & bit(6)) != 0;
  d.status = static_cast<std::uint32_t>(raw[0] >> 32);
  d.status_address = raw[1];
  return queue_error::none;
}

}  // namespace

queue_error decode(const descriptor_qwords& raw, const unit_capabilities& unit, const queue_mode& mode,
                   descriptor& into) {
  const unsigned type = static_cast<unsigned>(field(raw[0], 3, 0) | field(raw[0], 11, 9) << 4);
  const form* const f = form_of(type);
  if (f == nullptr || (unit.ecap & f->needs) != f->needs) return queue_error::type_invalid;
  if (f->scalable_only && !mode.scalable) return queue_error::type_invalid;
  if ((raw[0] & f->reserved[0]) != 0 || (raw[1] & f->reserved[1]) != 0) return queue_error::reserved_field;
  if (mode.wide && (raw[2] | raw[3]) != 0) return queue_error::reserved_field;
  into = descriptor{};
  into.type = static_cast<descriptor_type>(type);
  return take_fields(raw, unit, into);
}

}  // namespace nestwalk::paging::vtd
