// The fast path of a bus: an access within the range that was taken last, whose target has the bus's addresses. bus.cpp
// has the general one, `send`, which answers the same.
#include "nestwalk/memory/bus.h"

namespace nestwalk::memory {

void bus::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  bus::transport(payload, payload.get_extension<protocol::access_extension>(), delay);
}

void bus::transport(tlm::tlm_generic_payload& payload, protocol::access_extension* access, sc_core::sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const bus_range& range = straight_.range;
  if (address < range.first || address > range.last || payload.get_data_length() > range.last - address)
    return send(payload, access, delay);
  ++counts_.transfers;
  delay += latency_;
  straight_.way.transport(payload, access, delay);
}

}  // namespace nestwalk::memory
