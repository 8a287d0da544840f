// Serves an initiator that speaks non-blocking transport through a target that speaks only blocking transport.
#pragma once

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/memory_sockets.h"

namespace nestwalk::protocol {

/// Non-blocking calls go through a `phase_server`; blocking calls, DMI and debug transport pass as they are. One for
/// each initiator; any number of them may face one target. The parts of this project need none: their own target
/// sockets serve both forms.
class from_non_blocking : public sc_core::sc_module, private memory_forward, private memory_backward {
 public:
  tlm::tlm_target_socket<32> cpu_side{"cpu_side"};           ///< faces one initiator
  tlm::tlm_initiator_socket<32> memory_side{"memory_side"};  ///< faces the target, such as an mmu

  explicit from_non_blocking(const sc_core::sc_module_name& name);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    memory_side->b_transport(payload, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return phases_.nb_transport_fw(payload, phase, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return memory_side->get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return memory_side->transport_dbg(payload); }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    cpu_side->invalidate_direct_mem_ptr(first, last);
  }

  phase_server phases_;
};

}  // namespace nestwalk::protocol
