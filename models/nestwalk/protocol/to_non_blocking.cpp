#include "nestwalk/protocol/to_non_blocking.h"

#include <string>

#include "nestwalk/protocol/lent_extensions.h"

namespace nestwalk::protocol {

to_non_blocking::to_non_blocking(const sc_core::sc_module_name& name) : sc_module(name) {
  cpu_side.bind(*this);
  memory_side.bind(*this);
}

void to_non_blocking::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);  // from here on the memory's time is SystemC's
  delay = sc_core::SC_ZERO_TIME;
  while (request_under_way_) sc_core::wait(request_free_);
  const payload_lease lease(payloads_);
  tlm::tlm_generic_payload& own = *lease;
  {
    constexpr unsigned no_extension = ~0u;
    const lent_extensions lent(own, payload, no_extension);
    own.set_command(payload.get_command());
    own.set_address(payload.get_address());
    own.set_data_ptr(payload.get_data_ptr());
    own.set_data_length(payload.get_data_length());
    own.set_streaming_width(payload.get_streaming_width());
    own.set_byte_enable_ptr(payload.get_byte_enable_ptr());
    own.set_byte_enable_length(payload.get_byte_enable_length());
    carry_out(own);
  }
  payload.set_response_status(own.get_response_status());
  payload.set_dmi_allowed(own.is_dmi_allowed());
}

void to_non_blocking::carry_out(tlm::tlm_generic_payload& payload) {
  call& c = calls_[&payload];
  request_under_way_ = true;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  const tlm::tlm_sync_enum answer = memory_side->nb_transport_fw(payload, phase, delay);
  if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP)) c.answered = true;
  if (answer != tlm::TLM_ACCEPTED && delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  if (answer != tlm::TLM_ACCEPTED) end_request(c);
  while (!c.answered) sc_core::wait(c.changed);
  if (c.due > sc_core::sc_time_stamp()) sc_core::wait(c.due - sc_core::sc_time_stamp());
  if (answer != tlm::TLM_COMPLETED) {
    phase = tlm::END_RESP;
    delay = sc_core::SC_ZERO_TIME;
    memory_side->nb_transport_fw(payload, phase, delay);
  }
  calls_.erase(&payload);
}

void to_non_blocking::end_request(call& c) {
  if (c.request_ended) return;
  c.request_ended = true;
  request_under_way_ = false;
  request_free_.notify();
}

tlm::tlm_sync_enum to_non_blocking::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay) {
  const auto found = calls_.find(&payload);
  if (found == calls_.end()) {
    SC_REPORT_WARNING("nestwalk/to_non_blocking", (std::string(name()) + ": an answer to no request").c_str());
    return tlm::TLM_COMPLETED;
  }
  call& c = found->second;
  end_request(c);
  if (phase == tlm::BEGIN_RESP) {
    c.answered = true;
    c.due = sc_core::sc_time_stamp() + delay;
    c.changed.notify();
  }
  return tlm::TLM_ACCEPTED;
}

}  // namespace nestwalk::protocol
