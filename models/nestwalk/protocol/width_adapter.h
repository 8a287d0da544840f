// Lets sockets of two widths meet.
#pragma once

#include <systemc>
#include <tlm>

namespace nestwalk::protocol {

/// Stands between an initiator whose socket is `From` bits wide and a target whose socket is `To` bits wide, and passes
/// every call on as it is, in both directions and in no time: to the base protocol the width says nothing but how long
/// a word of the bus is (IEEE 1666-2011, 13.2.4).
template <unsigned From, unsigned To>
class width_adapter : public sc_core::sc_module,
                      private tlm::tlm_fw_transport_if<>,
                      private tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_target_socket<From> cpu_side{"cpu_side"};         ///< faces the initiator
  tlm::tlm_initiator_socket<To> memory_side{"memory_side"};  ///< faces the target

  explicit width_adapter(const sc_core::sc_module_name& name) : sc_module(name) {
    cpu_side.bind(*this);
    memory_side.bind(*this);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    memory_side->b_transport(payload, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return memory_side->nb_transport_fw(payload, phase, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return memory_side->get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return memory_side->transport_dbg(payload); }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return cpu_side->nb_transport_bw(payload, phase, delay);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    cpu_side->invalidate_direct_mem_ptr(first, last);
  }
};

}  // namespace nestwalk::protocol
