// A monitor between an initiator and a target that does what a test says.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/protocol/protocol_monitor.h"
#include "support/kept_warnings.h"

namespace nestwalk::protocol {

/// Does whatever the test says; answers OK otherwise.
class scripted_target : public sc_core::sc_module, private blocking_target {
 public:
  memory_target_socket cpu_side{"cpu_side"};
  std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> transport = [](auto& p, auto&) {
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  std::function<bool(tlm::tlm_generic_payload&, tlm::tlm_dmi&)> grant = [](auto&, auto&) { return false; };
  std::function<unsigned(tlm::tlm_generic_payload&)> debug = [](auto& p) { return p.get_data_length(); };

  explicit scripted_target(const sc_core::sc_module_name& name) : sc_module(name) { cpu_side.bind(*this); }

 private:
  void b_transport(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) override { transport(p, delay); }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& p, tlm::tlm_dmi& d) override { return grant(p, d); }
  unsigned transport_dbg(tlm::tlm_generic_payload& p) override { return debug(p); }
};

class plain_initiator : public sc_core::sc_module, private blocking_initiator {
 public:
  memory_initiator_socket memory{"memory"};
  unsigned invalidations = 0;

  explicit plain_initiator(const sc_core::sc_module_name& name) : sc_module(name) { memory.bind(*this); }

 private:
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override { ++invalidations; }
};

struct watched : testing::Test {
  watched() {
    cpu.memory.bind(monitor.initiator_side);
    monitor.target_side.bind(target.cpu_side);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  tlm::tlm_generic_payload& read() { return payload.read(0x40, bytes, 8); }
  tlm::tlm_generic_payload& write() { return payload.write(0x40, bytes, 8); }
  void send(tlm::tlm_generic_payload& p) { cpu.memory->b_transport(p, delay); }
  /// Sends `p`, answered OK after `mischief`.
  void send(tlm::tlm_generic_payload& p, std::function<void(tlm::tlm_generic_payload&)> mischief) {
    target.transport = [=](tlm::tlm_generic_payload& q, sc_core::sc_time&) {
      q.set_response_status(tlm::TLM_OK_RESPONSE);
      mischief(q);
    };
    send(p);
  }
  void expect_one(const std::string& violation) const {
    EXPECT_EQ(monitor.violations(), std::vector<std::string>{violation});
    EXPECT_EQ(warnings.all(), std::vector<std::string>{"monitor: " + violation});
  }

  plain_initiator cpu{"cpu"};
  protocol_monitor monitor{"monitor"};
  scripted_target target{"target"};
  owned_payload payload;
  unsigned char bytes[64] = {};
  sc_core::sc_time delay{10, sc_core::SC_NS};
  tlm::tlm_dmi dmi;
  test::kept_warnings warnings;
};

}  // namespace nestwalk::protocol
