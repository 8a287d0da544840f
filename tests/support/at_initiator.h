// An initiator that speaks the base protocol's four phases. Who includes it defines SC_INCLUDE_DYNAMIC_PROCESSES first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "nestwalk/protocol/payload_pool.h"

namespace nestwalk::test {

/// Begins what a test says, and writes down when which phase came.
class at_initiator : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<at_initiator> socket{"socket"};
  protocol::payload_pool pool;
  std::vector<std::string> phases;
  bool ends_at_once = false;  ///< answers BEGIN_RESP with END_RESP in the return path

  explicit at_initiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_nb_transport_bw(this, &at_initiator::answer);
  }
  tlm::tlm_generic_payload& begin(tlm::tlm_command command, std::uint64_t at, void* data, sc_core::sc_time delay = {}) {
    auto& p = pool.acquire();
    p.set_command(command);
    p.set_address(at);
    p.set_data_ptr(static_cast<unsigned char*>(data));
    p.set_data_length(8);
    p.set_streaming_width(8);
    p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    EXPECT_EQ(socket->nb_transport_fw(p, phase, delay), tlm::TLM_ACCEPTED);
    return p;
  }

 private:
  tlm::tlm_sync_enum answer(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase, sc_core::sc_time&) {
    phases.push_back(std::string(phase.get_name()) + " " + std::to_string(p.get_address()) + " at " +
                     sc_core::sc_time_stamp().to_string());
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    if (ends_at_once) {
      phase = tlm::END_RESP;
      return tlm::TLM_UPDATED;
    }
    sc_core::sc_spawn([this, &p] {
      sc_core::wait(2, sc_core::SC_NS);
      tlm::tlm_phase end = tlm::END_RESP;
      sc_core::sc_time none;
      socket->nb_transport_fw(p, end, none);
    });
    return tlm::TLM_ACCEPTED;
  }
};

}  // namespace nestwalk::test
