// Reaches a target that speaks only non-blocking transport.
#pragma once

#include <map>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/payload_pool.h"

namespace nestwalk::protocol {

/// Stands before a memory model that only speaks AT: each b_transport becomes the base protocol's phases (IEEE
/// 1666-2011, 15.2), with a payload of its own that has a memory manager and lends the caller's extensions. The caller
/// waits until the response has come. Any number of threads may call; their requests go out one after another, as
/// END_REQ lets them (15.2.6 e). DMI and debug transport pass as they are.
class to_non_blocking : public sc_core::sc_module, private memory_forward, private memory_backward {
 public:
  memory_target_socket cpu_side{"cpu_side"};           ///< faces whoever accesses memory
  memory_initiator_socket memory_side{"memory_side"};  ///< faces the memory

  explicit to_non_blocking(const sc_core::sc_module_name& name);

 private:
  struct call {
    bool request_ended = false;
    bool answered = false;
    sc_core::sc_time due;  ///< when the answer is there
    sc_core::sc_event changed;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return memory_side->nb_transport_fw(payload, phase, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return memory_side->get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return memory_side->transport_dbg(payload); }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    invalidate_all(cpu_side, first, last);
  }

  void carry_out(tlm::tlm_generic_payload& payload);
  void end_request(call& c);

  payload_pool payloads_;
  std::map<tlm::tlm_generic_payload*, call> calls_;
  bool request_under_way_ = false;
  sc_core::sc_event request_free_;
};

}  // namespace nestwalk::protocol
