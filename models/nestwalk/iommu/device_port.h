// One device's memory socket at a remapping unit.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "nestwalk/iommu/device_front.h"
#include "nestwalk/iommu/remapper.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/translation/grant_ledger.h"
#include "nestwalk/translation/memory_port.h"

namespace nestwalk::iommu {

/// Serves the requests of one requester id and sends them on through the unit's memory socket, as the same payload with
/// another address. A request lies in one 4-KByte page, as a PCI Express request does: an access that touches more is a
/// request a page, and all are translated before the first goes on. A blocked request is an address error. A request is
/// inside the unit, for whoever drains it, from its arrival until memory has answered.
class device_port : public protocol::blocking_target {
 public:
  /// `number` is the port's in the ledger of grants.
  device_port(std::uint16_t source, remapper& unit, translation::grant_ledger& grants, unsigned number,
              protocol::memory_initiator_socket& memory)
      : unit_(unit), front_(source, unit, grants, number), port_(front_, grants, number, memory) {}

  std::uint16_t source() const { return front_.source(); }
  const translation::access_counters& counts() const { return port_.counts(); }
  /// Once all is bound.
  void elaborated() { port_.elaborated(); }

  [[gnu::flatten]] void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    transfers::stay inside(unit_.inside());
    port_.b_transport(payload, delay);
    inside.ends(delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return port_.get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return port_.transport_dbg(payload); }

 private:
  remapper& unit_;
  device_front front_;
  translation::memory_port<device_front> port_;
};

}  // namespace nestwalk::iommu
