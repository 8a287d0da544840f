// Each rule of the phases, of who may call and of what takes no time is broken once, and the monitor says so.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "nestwalk/protocol/phase_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "nestwalk/protocol/payload_pool.h"
#include "watched.h"

namespace nestwalk::protocol {
namespace {

TEST_F(watched, an_initiator_that_sets_an_option_on_a_transport_call) {
  auto& p = read();
  p.set_gp_option(tlm::TLM_FULL_PAYLOAD);
  send(p);
  expect_one("the initiator set an option on a transport call");
  p.set_gp_option(tlm::TLM_MIN_PAYLOAD);
}

TEST_F(watched, an_option_that_changes) {
  send(read(), [](auto& p) { p.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED); });
  expect_one("the option changed over b_transport");
  payload.current().set_gp_option(tlm::TLM_MIN_PAYLOAD);
}

TEST_F(watched, a_full_payload_that_debug_transport_accepts_passes_unseen) {
  target.debug = [](auto& p) {
    p.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED);
    return p.get_data_length();
  };
  auto& p = read();
  p.set_gp_option(tlm::TLM_FULL_PAYLOAD);
  cpu.memory->transport_dbg(p);
  EXPECT_TRUE(monitor.violations().empty());
  p.set_gp_option(tlm::TLM_MIN_PAYLOAD);
}

TEST_F(watched, an_ignore_command_needs_no_data) {
  auto& p = payload.read(0x40, nullptr, 0);
  p.set_command(tlm::TLM_IGNORE_COMMAND);
  p.set_streaming_width(1);
  send(p);
  EXPECT_TRUE(monitor.violations().empty());
}

TEST_F(watched, a_payload_that_is_sent_again_while_it_is_under_way) {
  bool again = true;
  target.transport = [&](tlm::tlm_generic_payload& p, sc_core::sc_time& t) {
    if (std::exchange(again, false)) cpu.memory->b_transport(p, t);
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  send(read());
  ASSERT_FALSE(monitor.violations().empty());
  EXPECT_EQ(monitor.violations().front(), "a payload is sent again before its transaction has ended");
}

TEST_F(watched, a_payload_with_no_reference) {
  payload_pool pool;
  auto& p = pool.acquire();
  p.set_read();
  p.set_data_ptr(bytes);
  p.set_data_length(8);
  p.set_streaming_width(8);
  p.release();
  send(p);
  expect_one("a payload with no reference is sent");
}

TEST_F(watched, a_blocking_call_of_a_method_process) {
  sc_core::sc_spawn_options as_method;
  as_method.spawn_method();
  sc_core::sc_spawn([this] { send(read()); }, "method", &as_method);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  expect_one("b_transport is called by a method process");
}

TEST_F(watched, debug_transport_that_takes_time) {
  target.debug = [](auto& p) {
    sc_core::wait(1, sc_core::SC_NS);
    return p.get_data_length();
  };
  sc_core::sc_spawn([this] { cpu.memory->transport_dbg(read()); });
  sc_core::sc_start(sc_core::sc_time(5, sc_core::SC_NS));
  expect_one("debug transport took time");
}

TEST_F(watched, a_dmi_request_that_takes_time) {
  target.grant = [](auto&, auto&) {
    sc_core::wait(1, sc_core::SC_NS);
    return false;
  };
  sc_core::sc_spawn([this] { cpu.memory->get_direct_mem_ptr(read(), dmi); });
  sc_core::sc_start(sc_core::sc_time(5, sc_core::SC_NS));
  expect_one("a DMI request took time");
}

/// Phases of payloads on one hop, each broken once.
struct phased : testing::Test {
  std::vector<std::string> told;
  phase_watch watch{[this](const std::string& violation) { told.push_back(violation); }};
  payload_pool pool;
  tlm::tlm_generic_payload& first = pool.acquire();
  tlm::tlm_generic_payload& second = pool.acquire();
  sc_core::sc_time at;

  void forward(tlm::tlm_generic_payload& p, tlm::tlm_phase phase) { watch.goes_forward(p, phase, at); }
  void back(tlm::tlm_generic_payload& p, tlm::tlm_phase phase) {
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    watch.comes_back(p, phase, at);
  }
  void expect_one(const std::string& violation) { EXPECT_EQ(told, std::vector<std::string>{violation}); }
};

TEST_F(phased, four_phases_of_two_payloads_pass_unseen) {
  forward(first, tlm::BEGIN_REQ);
  back(first, tlm::END_REQ);
  forward(second, tlm::BEGIN_REQ);
  back(first, tlm::BEGIN_RESP);
  forward(first, tlm::END_RESP);
  back(second, tlm::BEGIN_RESP);
  watch.goes_forward_by_return(second, tlm::END_RESP, at);
  forward(first, tlm::BEGIN_REQ);
  watch.completed(first);
  EXPECT_TRUE(told.empty());
  EXPECT_FALSE(watch.under_way(first));
}
TEST_F(phased, a_payload_without_a_memory_manager) {
  tlm::tlm_generic_payload plain;
  forward(plain, tlm::BEGIN_REQ);
  expect_one("a payload without a memory manager goes by non-blocking transport");
}
TEST_F(phased, a_second_request_before_the_first_has_ended) {
  forward(first, tlm::BEGIN_REQ);
  forward(second, tlm::BEGIN_REQ);
  expect_one("a request begins before the one before it has ended");
}
TEST_F(phased, a_second_response_before_the_first_has_ended) {
  forward(first, tlm::BEGIN_REQ);
  back(first, tlm::BEGIN_RESP);
  forward(second, tlm::BEGIN_REQ);
  back(second, tlm::BEGIN_RESP);
  expect_one("a response begins before the one before it has ended");
}
TEST_F(phased, a_payload_that_is_sent_again) {
  forward(first, tlm::BEGIN_REQ);
  back(first, tlm::END_REQ);
  forward(first, tlm::BEGIN_REQ);
  expect_one("a payload is sent again before its transaction has ended");
}
TEST_F(phased, a_response_that_is_ended_before_it_has_begun) {
  forward(first, tlm::BEGIN_REQ);
  forward(first, tlm::END_RESP);
  expect_one("out of order: END_RESP");
}
TEST_F(phased, a_request_that_is_ended_twice) {
  forward(first, tlm::BEGIN_REQ);
  back(first, tlm::END_REQ);
  back(first, tlm::END_REQ);
  expect_one("out of order: END_REQ");
}
TEST_F(phased, a_response_to_no_request) {
  back(first, tlm::BEGIN_RESP);
  expect_one("out of order: BEGIN_RESP");
}
TEST_F(phased, a_phase_of_the_other_side) {
  forward(first, tlm::BEGIN_REQ);
  back(first, tlm::END_RESP);
  expect_one("the target sent a phase of the initiator's");
}
TEST_F(phased, an_initiator_that_sends_a_phase_of_the_targets) {
  forward(first, tlm::END_REQ);
  expect_one("the initiator sent a phase of the target's");
}
TEST_F(phased, time_that_goes_back_between_phases) {
  at = sc_core::sc_time(5, sc_core::SC_NS);
  forward(first, tlm::BEGIN_REQ);
  at = sc_core::sc_time(4, sc_core::SC_NS);
  back(first, tlm::END_REQ);
  expect_one("local time went back from one phase to the next");
}
TEST_F(phased, a_response_without_a_status) {
  forward(first, tlm::BEGIN_REQ);
  watch.comes_back(first, tlm::BEGIN_RESP, at);
  expect_one("the target set no response status");
}

/// A target that waits inside a non-blocking call, which it may not.
TEST(non_blocking_monitor, somebody_who_waits_inside_a_non_blocking_call) {
  struct waiting : sc_core::sc_module, memory_forward {
    tlm::tlm_target_socket<32> socket{"socket"};
    explicit waiting(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }
    void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override {}
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& p, tlm::tlm_phase&, sc_core::sc_time&) override {
      sc_core::wait(1, sc_core::SC_NS);
      p.set_response_status(tlm::TLM_OK_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
  } target("target");
  plain_initiator cpu("cpu");
  protocol_monitor monitor("monitor");
  cpu.memory.bind(monitor.initiator_side);
  monitor.target_side.bind(target.socket);
  const test::kept_warnings warnings;
  payload_pool pool;
  std::uint64_t value = 0;
  sc_core::sc_spawn([&] {
    auto& p = pool.acquire();
    p.set_read();
    p.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    p.set_data_length(8);
    p.set_streaming_width(8);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    cpu.memory->nb_transport_fw(p, phase, delay);
    p.release();
  });
  sc_core::sc_start(sc_core::sc_time(5, sc_core::SC_NS));
  EXPECT_EQ(monitor.violations(), std::vector<std::string>{"somebody waited inside nb_transport_fw"});
}

}  // namespace
}  // namespace nestwalk::protocol
