// Each rule of the memory socket is broken once, and the monitor says so.
#include "nestwalk/protocol/protocol_monitor.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "nestwalk/protocol/exchange_extension.h"
#include "watched.h"

namespace nestwalk::protocol {
namespace {

TEST_F(watched, a_proper_call_passes_unseen) {
  target.transport = [](tlm::tlm_generic_payload& p, sc_core::sc_time& t) {
    p.get_data_ptr()[0] = 1;
    p.set_dmi_allowed(true);
    t += sc_core::sc_time(1, sc_core::SC_NS);
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  send(read());
  EXPECT_EQ(bytes[0], 1);
  EXPECT_EQ(delay, sc_core::sc_time(11, sc_core::SC_NS));
  EXPECT_TRUE(monitor.violations().empty());
  EXPECT_EQ(monitor.calls(), 1u);
}

TEST_F(watched, a_missing_response_status) {
  target.transport = [](auto&, auto&) {};
  send(read());
  expect_one("the target set no response status");
}

TEST_F(watched, local_time_that_goes_back) {
  target.transport = [](tlm::tlm_generic_payload& p, sc_core::sc_time& t) {
    t = sc_core::sc_time(9, sc_core::SC_NS);
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  send(read());
  expect_one("local time went back over b_transport");
}

TEST_F(watched, a_changed_command) {
  send(read(), [](auto& p) { p.set_command(tlm::TLM_IGNORE_COMMAND); });
  expect_one("the command changed over b_transport");
}

TEST_F(watched, an_address_that_is_not_restored) {
  send(read(), [](auto& p) { p.set_address(0x80); });
  expect_one("the address changed over b_transport");
}

TEST_F(watched, an_address_that_is_not_restored_after_an_error) {
  send(read(), [](auto& p) {
    p.set_address(0x80);
    p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  expect_one("the address changed over b_transport");
}

TEST_F(watched, a_changed_data_pointer) {
  send(read(), [](auto& p) { p.set_data_ptr(p.get_data_ptr() + 8); });
  expect_one("the data pointer changed over b_transport");
}

TEST_F(watched, a_changed_length) {
  send(read(), [](auto& p) { p.set_data_length(4); });
  expect_one("the data length changed over b_transport");
}

TEST_F(watched, a_changed_streaming_width) {
  send(read(), [](auto& p) { p.set_streaming_width(4); });
  expect_one("the streaming width changed over b_transport");
}

TEST_F(watched, changed_byte_enables) {
  unsigned char enables[8] = {TLM_BYTE_ENABLED};
  auto& p = read();
  p.set_byte_enable_ptr(enables);
  p.set_byte_enable_length(8);
  send(p, [](auto& q) { q.get_byte_enable_ptr()[1] = TLM_BYTE_ENABLED; });
  expect_one("the byte enables changed over b_transport");
}

TEST_F(watched, a_removed_byte_enable_pointer) {
  unsigned char enables[8] = {TLM_BYTE_ENABLED};
  auto& p = read();
  p.set_byte_enable_ptr(enables);
  p.set_byte_enable_length(8);
  send(p, [](auto& q) { q.set_byte_enable_ptr(nullptr); });
  expect_one("the byte enable pointer changed over b_transport");
}

TEST_F(watched, an_extension_left_behind) {
  exchange_extension left;
  auto& p = read();
  send(p, [&](auto& q) { q.set_extension(&left); });
  expect_one("an extension was left behind by b_transport");
  p.clear_extension(&left);
}

TEST_F(watched, an_extension_removed) {
  send(read(), [](auto& p) { p.clear_extension(p.template get_extension<access_extension>()); });
  expect_one("an extension was removed or replaced by b_transport");
}

TEST_F(watched, a_write_that_changes_the_initiators_data) {
  send(write(), [](auto& p) { p.get_data_ptr()[7] = 1; });
  expect_one("a write changed the initiator's data");
}

TEST_F(watched, a_failed_read_that_changes_data) {
  send(read(), [](auto& p) {
    p.get_data_ptr()[0] = 1;
    p.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  });
  expect_one("a read that failed changed the initiator's data");
}

TEST_F(watched, an_exchange_that_swaps_unperformed) {
  send(payload.exchange(0x40, bytes, 8, 0, 1),
       [](auto& p) { p.template get_extension<exchange_extension>()->swapped = true; });
  expect_one("an exchange swapped and was not performed");
}

TEST_F(watched, an_initiator_that_sets_no_incomplete_status) {
  auto& p = read();
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  send(p);
  expect_one("the initiator did not set the response status to INCOMPLETE");
}

TEST_F(watched, an_initiator_that_leaves_the_dmi_hint_on) {
  auto& p = read();
  p.set_dmi_allowed(true);
  send(p);
  expect_one("the initiator did not clear the DMI hint");
}

TEST_F(watched, an_initiator_that_asks_for_nothing) {
  auto& p = read();
  p.set_data_length(0);
  send(p);
  expect_one("the initiator asked for no bytes");
}

TEST_F(watched, an_initiator_that_gives_no_streaming_width) {
  auto& p = read();
  p.set_streaming_width(0);
  send(p);
  expect_one("the initiator gave a streaming width of 0");
}

TEST_F(watched, an_initiator_that_gives_no_place_for_data) {
  auto& p = read();
  p.set_data_ptr(nullptr);
  send(p);
  expect_one("the initiator gave no data pointer");
}

/// A proper grant of [0, 63], for the tests to spoil.
bool proper_grant(tlm::tlm_dmi& d, unsigned char* place) {
  d.set_dmi_ptr(place);
  d.set_start_address(0);
  d.set_end_address(63 + 64);
  d.allow_read_write();
  return true;
}

TEST_F(watched, a_proper_grant_passes_unseen) {
  target.grant = [this](auto&, tlm::tlm_dmi& d) { return proper_grant(d, bytes); };
  EXPECT_TRUE(cpu.memory->get_direct_mem_ptr(read(), dmi));
  EXPECT_EQ(dmi.get_end_address(), 127u);
  EXPECT_TRUE(monitor.violations().empty());
}

TEST_F(watched, a_grant_elsewhere) {
  target.grant = [this](auto&, tlm::tlm_dmi& d) {
    proper_grant(d, bytes);
    d.set_end_address(0x3f);
    return true;
  };
  cpu.memory->get_direct_mem_ptr(read(), dmi);
  expect_one("a DMI grant does not hold the requested address");
}

TEST_F(watched, a_grant_that_ends_before_it_starts) {
  target.grant = [](auto&, tlm::tlm_dmi& d) {
    d.set_start_address(64);
    d.set_end_address(63);
    return false;
  };
  cpu.memory->get_direct_mem_ptr(read(), dmi);
  expect_one("a DMI range ends before it starts");
}

TEST_F(watched, a_grant_without_a_pointer) {
  target.grant = [](auto&, tlm::tlm_dmi& d) { return proper_grant(d, nullptr); };
  cpu.memory->get_direct_mem_ptr(read(), dmi);
  expect_one("a DMI grant has no pointer");
}

TEST_F(watched, a_grant_for_reading_where_writing_was_asked) {
  target.grant = [this](auto&, tlm::tlm_dmi& d) {
    proper_grant(d, bytes);
    d.allow_read();
    return true;
  };
  cpu.memory->get_direct_mem_ptr(write(), dmi);
  expect_one("a DMI grant does not permit the requested command");
}

TEST_F(watched, a_grant_with_a_negative_latency) {
  target.grant = [this](auto&, tlm::tlm_dmi& d) {
    proper_grant(d, bytes);
    d.set_read_latency(sc_core::SC_ZERO_TIME - sc_core::sc_time(1, sc_core::SC_NS));
    return true;
  };
  cpu.memory->get_direct_mem_ptr(read(), dmi);
  expect_one("a DMI latency is negative");
}

TEST_F(watched, a_grant_that_leaves_the_address_changed) {
  target.grant = [this](tlm::tlm_generic_payload& p, tlm::tlm_dmi& d) {
    proper_grant(d, bytes);
    p.set_address(0x48);
    return true;
  };
  cpu.memory->get_direct_mem_ptr(read(), dmi);
  expect_one("the address changed over get_direct_mem_ptr");
}

TEST_F(watched, debug_transport_that_returns_too_much) {
  target.debug = [](auto&) { return 9u; };
  EXPECT_EQ(cpu.memory->transport_dbg(read()), 9u);
  expect_one("debug transport returned more bytes than asked for");
}

TEST_F(watched, debug_transport_that_changes_data_and_read_nothing) {
  target.debug = [](auto& p) {
    p.get_data_ptr()[0] = 1;
    return 0u;
  };
  cpu.memory->transport_dbg(read());
  expect_one("debug transport changed the initiator's data with nothing read");
}

TEST_F(watched, debug_transport_that_leaves_the_address_changed) {
  target.debug = [](auto& p) {
    p.set_address(0);
    return p.get_data_length();
  };
  cpu.memory->transport_dbg(read());
  expect_one("the address changed over transport_dbg");
}

TEST_F(watched, an_invalidation_is_passed_on_and_its_range_checked) {
  target.cpu_side->invalidate_direct_mem_ptr(0, 1);
  EXPECT_TRUE(monitor.violations().empty());
  target.cpu_side->invalidate_direct_mem_ptr(1, 0);
  EXPECT_EQ(cpu.invalidations, 2u);
  expect_one("a DMI invalidation ends before it starts");
}

}  // namespace
}  // namespace nestwalk::protocol
