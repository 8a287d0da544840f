#include "nestwalk/protocol/from_non_blocking.h"

#include <algorithm>
#include <string>

namespace nestwalk::protocol {

from_non_blocking::from_non_blocking(const sc_core::sc_module_name& name) : sc_module(name) {
  cpu_side.bind(*this);
  memory_side.bind(*this);
  SC_THREAD(run);
}

tlm::tlm_sync_enum from_non_blocking::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                      sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    payload.acquire();
    const request r{&payload, sc_core::sc_time_stamp() + delay};
    const auto later = [](const request& a, const request& b) { return a.due < b.due; };
    requests_.insert(std::upper_bound(requests_.begin(), requests_.end(), r, later), r);
    arrived_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_RESP && answered_ == &payload) {
    answered_ = nullptr;
    ended_.notify(delay);
    return tlm::TLM_COMPLETED;
  }
  SC_REPORT_WARNING("nestwalk/from_non_blocking",
                    (std::string(name()) + ": a phase that does not follow the one before").c_str());
  return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum from_non_blocking::nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  SC_REPORT_WARNING("nestwalk/from_non_blocking",
                    (std::string(name()) + ": the target answers a call that was not made").c_str());
  return tlm::TLM_COMPLETED;
}

void from_non_blocking::run() {
  for (;;) {
    while (requests_.empty()) wait(arrived_);
    const request next = requests_.front();
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    if (next.due > now) {  // one that is due earlier may still come
      wait(next.due - now, arrived_);
      continue;
    }
    requests_.pop_front();
    serve(next);
  }
}

void from_non_blocking::serve(const request& r) {
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay;
  cpu_side->nb_transport_bw(*r.payload, phase, delay);
  delay = sc_core::SC_ZERO_TIME;
  memory_side->b_transport(*r.payload, delay);
  if (delay > sc_core::SC_ZERO_TIME) wait(delay);
  phase = tlm::BEGIN_RESP;
  delay = sc_core::SC_ZERO_TIME;
  answered_ = r.payload;
  switch (cpu_side->nb_transport_bw(*r.payload, phase, delay)) {
    case tlm::TLM_ACCEPTED:
      if (answered_ != nullptr) wait(ended_);
      break;
    case tlm::TLM_UPDATED:
    case tlm::TLM_COMPLETED:
      if (delay > sc_core::SC_ZERO_TIME) wait(delay);
      break;
  }
  answered_ = nullptr;
  r.payload->release();
}

}  // namespace nestwalk::protocol
