// Serves one initiator's non-blocking calls through blocking transport.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include <systemc>
#include <tlm>

namespace nestwalk::protocol {

/// The base protocol's four phases (IEEE 1666-2011, 15.2) over b_transport. Requests are served one at a time, in the
/// order in which they come to be due: END_REQ says that one is being served, BEGIN_RESP that it has been, after the
/// time that it took; the next waits its turn until END_RESP. Its process starts with the first request. What the
/// target throws is a report in `owner`'s name, and a generic error.
class phase_server {
 public:
  using backward = std::function<tlm::tlm_bw_transport_if<>*()>;

  /// `initiator` gives the one to answer, once all is bound; `owner` is the name that reports give.
  phase_server(tlm::tlm_blocking_transport_if<>& target, backward initiator, std::string owner);

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

 private:
  struct request {
    tlm::tlm_generic_payload* payload;
    sc_core::sc_time due;
  };
  void run();
  void serve(const request& r);
  void perform(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  tlm::tlm_blocking_transport_if<>& target_;
  backward initiator_;
  std::string owner_;
  bool running_ = false;
  std::deque<request> requests_;
  sc_core::sc_event arrived_;
  sc_core::sc_event ended_;
  tlm::tlm_generic_payload* answered_ = nullptr;  // after BEGIN_RESP, before END_RESP
};

}  // namespace nestwalk::protocol
