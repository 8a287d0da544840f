// The order of the base protocol's phases on one hop.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <systemc>
#include <tlm>

namespace nestwalk::protocol {

/// Follows the transactions that go by non-blocking transport between one initiator and one target, and tells of phases
/// out of order, of two requests or responses at once, of local time that goes back, and of payloads without a memory
/// manager (IEEE 1666-2011, 14.5, 15.2.3 to 15.2.7).
class phase_watch {
 public:
  using report = std::function<void(const std::string&)>;

  explicit phase_watch(report how) : report_(std::move(how)) {}

  /// A call of nb_transport_fw is made.
  void goes_forward(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  /// A call of nb_transport_bw is made, or nb_transport_fw has returned TLM_UPDATED.
  void comes_back(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  /// nb_transport_bw has returned TLM_UPDATED.
  void goes_forward_by_return(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                              const sc_core::sc_time& delay);
  /// A call has returned TLM_COMPLETED.
  void completed(tlm::tlm_generic_payload& payload);
  /// Whether a transaction of that payload is under way.
  bool under_way(const tlm::tlm_generic_payload& payload) const { return states_.count(&payload) != 0; }

 private:
  struct state {
    tlm::tlm_phase phase;
    sc_core::sc_time time;
  };
  void step(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  void request(tlm::tlm_generic_payload& payload);
  void end(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);

  report report_;
  std::map<const tlm::tlm_generic_payload*, state> states_;
  const tlm::tlm_generic_payload* request_ = nullptr;   // after BEGIN_REQ, before what ends the request
  const tlm::tlm_generic_payload* response_ = nullptr;  // after BEGIN_RESP, before END_RESP
};

}  // namespace nestwalk::protocol
