// The descriptors of a remapping unit's invalidation queue, decoded.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/paging/vtd_capabilities.h"

namespace nestwalk::paging::vtd {

/// Types of descriptors (VT-d specification, 6.5.2), by the number that stands in the descriptor.
enum class descriptor_type : std::uint8_t {
  context_cache = 1,
  iotlb = 2,
  device_tlb = 3,
  wait = 5,
  pasid_iotlb = 6,
  pasid_cache = 7,
  pasid_device_tlb = 8,
};

/// Granularities of the context cache and, by the same numbers, of the IOTLB (6.5.1, 6.5.2): of the whole cache, of a
/// domain, of a device (context cache), of an address range in a domain (IOTLB).
enum class granularity : std::uint8_t { reserved = 0, global = 1, domain = 2, selective = 3 };

/// Granularities of the PASID cache (6.5.2.2).
enum class pasid_granularity : std::uint8_t { domain = 0, pasid = 1, reserved = 2, global = 3 };

/// What stopped the queue: the field IQEI of the queue-error register (11.4.9.9).
enum class queue_error : std::uint8_t {
  none = 0,
  tail_invalid = 1,     ///< the tail is no place that the head can reach
  fetch_failed = 2,     ///< memory answered an error to the read of a descriptor
  type_invalid = 3,     ///< no such type of descriptor on this unit
  reserved_field = 4,   ///< a reserved bit or value
  width_invalid = 5,    ///< IQA.DW names a width that this unit does not have
  tail_misaligned = 6,  ///< 256-bit descriptors: bit 4 of the tail, or of the head, is 1
  mode_invalid = 7,     ///< the type is none of the table mode in use
};

/// A decoded descriptor; fields that its type does not have are 0.
struct descriptor {
  descriptor_type type{};
  granularity how = granularity::reserved;                    ///< context cache, IOTLB, PASID-based IOTLB
  pasid_granularity how_pasid = pasid_granularity::reserved;  ///< PASID cache
  std::uint16_t domain = 0;
  std::uint16_t source = 0;
  std::uint8_t function_mask = 0;  ///< context cache, device: FM
  std::uint32_t pasid = 0;
  std::uint64_t address = 0;    ///< first of the range
  std::uint8_t size_log2 = 12;  ///< bytes of the range; 64: everything
  bool hint = false;            ///< IH: entries above the leaves are unchanged
  bool drains_reads = false;
  bool drains_writes = false;
  bool global = false;  ///< PASID-based device TLB: whatever the PASID
  // Wait.
  bool interrupts = false;     ///< IF
  bool writes_status = false;  ///< SW
  bool fence = false;          ///< FN
  std::uint32_t status = 0;
  std::uint64_t status_address = 0;
};

/// Under what a descriptor is read.
struct queue_mode {
  bool wide = false;      ///< descriptors of 256 bits, as IQA.DW says
  bool scalable = false;  ///< the table mode is scalable or abort-DMA: types 6 to 8 exist
};

/// The qwords of a descriptor; the upper two are 0 in one of 128 bits.
using descriptor_qwords = std::array<std::uint64_t, 4>;

/// Decodes a descriptor; where it is refused, says why and leaves `into` undefined.
queue_error decode(const descriptor_qwords& raw, const unit_capabilities& unit, const queue_mode& mode,
                   descriptor& into);

/// The source ids that a function mask leaves equal (6.5.1): 1 masks function bit 2, 2 bits 2:1, 3 bits 2:0.
constexpr std::uint16_t compared_source_bits(unsigned function_mask) {
  constexpr std::uint16_t masked[4] = {0, 4, 6, 7};
  return static_cast<std::uint16_t>(~masked[function_mask & 3]);
}

}  // namespace nestwalk::paging::vtd
