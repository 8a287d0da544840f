// Stands in front of a memory and lets SystemC's time pass before each call: a target that waits, as others' may.
#pragma once

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>
#include <systemc>

#include "nestwalk/protocol/memory_sockets.h"

namespace nestwalk::test {

/// Waits out the caller's delay and `latency`, then passes the call on. Without `waits` it adds both to the delay
/// instead.
class waiting_memory : public sc_core::sc_module,
                       private protocol::blocking_target,
                       private protocol::blocking_initiator {
 public:
  protocol::memory_target_socket socket{"socket"};
  protocol::memory_initiator_socket below{"below"};
  sc_core::sc_time latency{5, sc_core::SC_NS};
  bool waits = true;
  std::function<void()> before_call = [] {};  ///< called once the time has passed
  unsigned calls = 0;
  unsigned under_way = 0;
  unsigned most_under_way = 0;

  explicit waiting_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    below.bind(*this);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    most_under_way = std::max(most_under_way, ++under_way);
    const std::uint64_t address = payload.get_address();
    delay += latency;
    if (waits) {
      sc_core::wait(delay);
      delay = sc_core::SC_ZERO_TIME;
    }
    EXPECT_EQ(payload.get_address(), address);
    ++calls;
    before_call();
    below->b_transport(payload, delay);
    --under_way;
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return below->transport_dbg(payload); }
};

}  // namespace nestwalk::test
