// What a device asks of a remapping unit, besides the address.
#pragma once

#include <cstdint>

#include "nestwalk/paging/access.h"

namespace nestwalk::paging::vtd {

/// Whether the device already translated the address (address type AT of a PCI Express request; VT-d specification,
/// 4.2): `translated` ones carry an hpa.
enum class request_type : std::uint8_t { untranslated, translated };

/// A request of a device.
struct request {
  std::uint16_t source = 0;  ///< requester id: bus, device, function
  bool has_pasid = false;
  std::uint32_t pasid = 0;  ///< 20 bits
  request_type type = request_type::untranslated;
  access_type access = access_type::read;
  bool privileged = false;  ///< asks for supervisor rights; only with a PASID
  bool no_bytes = false;    ///< a read of none of its bytes, as a device makes to flush its writes (3.14)

  constexpr unsigned bus() const { return source >> 8; }
  constexpr unsigned function() const { return source & 0xffu; }
};

}  // namespace nestwalk::paging::vtd
