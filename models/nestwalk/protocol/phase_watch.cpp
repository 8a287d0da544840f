#include "nestwalk/protocol/phase_watch.h"

namespace nestwalk::protocol {

void phase_watch::goes_forward(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                               const sc_core::sc_time& delay) {
  if (!payload.has_mm()) report_("a payload without a memory manager goes by non-blocking transport");
  if (payload.has_mm() && payload.get_ref_count() == 0) report_("a payload with no reference is sent");
  if (phase == tlm::BEGIN_REQ)
    request(payload);
  else if (phase == tlm::END_RESP)
    end(payload, phase);
  else if (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP)
    report_("the initiator sent a phase of the target's");
  step(payload, phase, delay);
  if (phase == tlm::END_RESP) states_.erase(&payload);
}

void phase_watch::request(tlm::tlm_generic_payload& payload) {
  if (under_way(payload)) report_("a payload is sent again before its transaction has ended");
  if (request_ != nullptr) report_("a request begins before the one before it has ended");
  request_ = &payload;
  states_[&payload] = {tlm::UNINITIALIZED_PHASE, sc_core::SC_ZERO_TIME};
}

void phase_watch::end(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
  const auto found = states_.find(&payload);
  if (found == states_.end() || found->second.phase != tlm::BEGIN_RESP)
    report_(std::string("out of order: ") + phase.get_name());
  if (response_ == &payload) response_ = nullptr;
}

void phase_watch::comes_back(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                             const sc_core::sc_time& delay) {
  const auto found = states_.find(&payload);
  const tlm::tlm_phase before = found == states_.end() ? tlm::tlm_phase(tlm::UNINITIALIZED_PHASE) : found->second.phase;
  const auto out_of_order = [&] { report_(std::string("out of order: ") + phase.get_name()); };
  if (phase == tlm::BEGIN_REQ || phase == tlm::END_RESP) {
    report_("the target sent a phase of the initiator's");
  } else if (phase == tlm::END_REQ) {
    if (before != tlm::BEGIN_REQ) out_of_order();
  } else if (phase == tlm::BEGIN_RESP) {
    if (before != tlm::BEGIN_REQ && before != tlm::END_REQ) out_of_order();
    if (response_ != nullptr) report_("a response begins before the one before it has ended");
    response_ = &payload;
    if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) report_("the target set no response status");
  }
  if (request_ == &payload && (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP)) request_ = nullptr;
  step(payload, phase, delay);
}

void phase_watch::goes_forward_by_return(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                                         const sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP)
    end(payload, phase);
  else
    report_("the initiator sent a phase of the target's");
  step(payload, phase, delay);
  if (phase == tlm::END_RESP) states_.erase(&payload);
}

void phase_watch::completed(tlm::tlm_generic_payload& payload) {
  if (request_ == &payload) request_ = nullptr;
  if (response_ == &payload) response_ = nullptr;
  states_.erase(&payload);
}

void phase_watch::step(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
  const auto found = states_.find(&payload);
  if (found == states_.end()) return;
  const sc_core::sc_time now = sc_core::sc_time_stamp() + delay;
  if (now < found->second.time) report_("local time went back from one phase to the next");
  found->second = {phase, now};
}

}  // namespace nestwalk::protocol
