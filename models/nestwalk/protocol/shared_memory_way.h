// The way to memory of the sockets that a platform leaves unbound.
#pragma once

#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/memory_sockets.h"

namespace nestwalk::protocol {

/// Leads memory sockets of a module that nobody has bound to what another one of it, the main one, is bound to. It is
/// the backward interface of the main one, and passes on what memory takes back to all that share the way.
class shared_memory_way : private blocking_target, private blocking_initiator {
 public:
  /// `own` hears what memory takes back from the main socket's own accesses.
  shared_memory_way(memory_initiator_socket& main, memory_backward& own);

  /// To be called before the end of elaboration, when the platform has bound what it wants to bind: leads `socket`,
  /// which is bound backwards, over the main one where it is not bound.
  void serve(memory_initiator_socket& socket);

 private:
  // Both interfaces declare this typedef.
  using protocol_types = tlm::tlm_base_protocol_types;

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    main_->b_transport(payload, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return main_->get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return main_->transport_dbg(payload); }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  memory_initiator_socket& main_;
  memory_backward& own_;
  std::vector<memory_initiator_socket*> served_;
};

}  // namespace nestwalk::protocol
