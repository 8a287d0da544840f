// SystemC declares sc_spawn only where this is defined.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "nestwalk/protocol/phase_server.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace nestwalk::protocol {

phase_server::phase_server(tlm::tlm_blocking_transport_if<>& target, backward initiator, std::string owner)
    : target_(target), initiator_(std::move(initiator)), owner_(std::move(owner)) {}

tlm::tlm_sync_enum phase_server::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                 sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    if (!payload.has_mm()) {
      SC_REPORT_ERROR("nestwalk/phase_server",
                      (owner_ + ": a non-blocking call with a payload that has no memory manager").c_str());
      payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    const request r{&payload, sc_core::sc_time_stamp() + delay};
    const auto later = [](const request& a, const request& b) { return a.due < b.due; };
    requests_.insert(std::upper_bound(requests_.begin(), requests_.end(), r, later), r);
    if (!running_) sc_core::sc_spawn([this] { run(); }, sc_core::sc_gen_unique_name("phase_server"));
    running_ = true;
    arrived_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_RESP && answered_ == &payload) {
    answered_ = nullptr;
    ended_.notify(delay);
    return tlm::TLM_COMPLETED;
  }
  SC_REPORT_WARNING("nestwalk/phase_server", (owner_ + ": a phase that does not follow the one before").c_str());
  return tlm::TLM_ACCEPTED;
}

void phase_server::run() {
  for (;;) {
    while (requests_.empty()) sc_core::wait(arrived_);
    const request next = requests_.front();
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    if (next.due > now) {  // one that is due earlier may still come
      sc_core::wait(next.due - now, arrived_);
      continue;
    }
    requests_.pop_front();
    serve(next);
  }
}

void phase_server::serve(const request& r) {
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay;
  initiator_()->nb_transport_bw(*r.payload, phase, delay);
  delay = sc_core::SC_ZERO_TIME;
  perform(*r.payload, delay);
  if (delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  phase = tlm::BEGIN_RESP;
  delay = sc_core::SC_ZERO_TIME;
  answered_ = r.payload;
  switch (initiator_()->nb_transport_bw(*r.payload, phase, delay)) {
    case tlm::TLM_ACCEPTED:
      if (answered_ != nullptr) sc_core::wait(ended_);
      break;
    case tlm::TLM_UPDATED:
    case tlm::TLM_COMPLETED:
      if (delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);
      break;
  }
  answered_ = nullptr;
  r.payload->release();
}

void phase_server::perform(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  try {
    target_.b_transport(payload, delay);
  } catch (const sc_core::sc_unwind_exception&) {
    throw;  // SystemC ends the process
  } catch (const sc_core::sc_report&) {
    throw;  // a report already
  } catch (const std::exception& e) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    SC_REPORT_ERROR("nestwalk/phase_server", (owner_ + ": " + e.what()).c_str());
  }
}

}  // namespace nestwalk::protocol
