// Measures how long memory takes for what passes a memory socket.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/timing/local_time.h"

namespace nestwalk::platforms {

/// Put between two memory sockets, it passes everything on in both directions, in no time, and adds up what blocking
/// calls took, by the level that served them.
class time_meter : public sc_core::sc_module, private protocol::blocking_target, private protocol::blocking_initiator {
 public:
  // Both memory interfaces declare this typedef.
  using protocol_types = tlm::tlm_base_protocol_types;

  protocol::memory_target_socket initiator_side{"initiator_side"};  ///< faces those who call
  protocol::memory_initiator_socket target_side{"target_side"};     ///< faces the one who is called

  explicit time_meter(const sc_core::sc_module_name& name);

  /// In steps of SystemC's time resolution, since the start.
  std::uint64_t taken(unsigned level) const { return taken_[level]; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return target_side->get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return target_side->transport_dbg(payload); }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    protocol::invalidate_all(initiator_side, first, last);
  }
  void end_of_elaboration() override { below_ = target_side.operator->(); }

  timing::local_clock clock_;
  protocol::memory_forward* below_ = nullptr;  // what the socket is bound to, without the steps between
  std::array<std::uint64_t, protocol::memory_levels> taken_{};
};

}  // namespace nestwalk::platforms
