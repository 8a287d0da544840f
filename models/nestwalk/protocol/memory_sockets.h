// The memory socket: the TLM-2.0 base protocol with the interfaces bound directly.
#pragma once

#include <systemc>
#include <tlm>

namespace nestwalk::protocol {

using memory_forward = tlm::tlm_fw_transport_if<>;
using memory_backward = tlm::tlm_bw_transport_if<>;

/// Faces one target. 32 is the width that the convenience sockets take by default, so that anyone's plain initiator or
/// target binds; blocking transport gives it no other meaning.
using memory_initiator_socket = tlm::tlm_base_initiator_socket<32, memory_forward, memory_backward>;

/// Faces any number of initiators.
using memory_target_socket = tlm::tlm_base_target_socket<32, memory_forward, memory_backward, 0>;

/// The forward interface of a module that serves blocking transport, DMI and debug; non-blocking calls are an error.
class blocking_target : public memory_forward {
 public:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    SC_REPORT_ERROR("nestwalk/memory_socket", "nb_transport_fw: this module serves blocking transport only");
    return tlm::TLM_COMPLETED;
  }
};

/// The backward interface of a module that calls blocking transport; one that holds DMI grants overrides
/// invalidate_direct_mem_ptr.
class blocking_initiator : public memory_backward {
 public:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    SC_REPORT_ERROR("nestwalk/memory_socket", "nb_transport_bw: this module made no non-blocking call");
    return tlm::TLM_COMPLETED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

/// Takes back the DMI grants of every initiator bound to `socket` in [first, last].
inline void invalidate_all(memory_target_socket& socket, sc_dt::uint64 first, sc_dt::uint64 last) {
  for (int i = 0; i < socket.size(); ++i) socket[i]->invalidate_direct_mem_ptr(first, last);
}

}  // namespace nestwalk::protocol
