// Fault records, the fault status register and the fault event.
#include "nestwalk/iommu/fault_log.h"

#include <gtest/gtest.h>

#include "paging/device_table_world.h"

namespace nestwalk::iommu {
namespace {

using paging::vtd::reason;
using test::everything;

struct kept_messages : message_sender {
  std::vector<message> sent;
  void send(const message& m) override { sent.push_back(m); }
  void drain() override {}
};

struct logging_unit {
  explicit logging_unit(unsigned records = 1) : unit(with(records)), registers(unit, 0x10) {}

  static paging::vtd::unit_capabilities with(unsigned records) {
    paging::vtd::unit_capabilities u = everything();
    u.cap |= std::uint64_t{records - 1} << paging::vtd::cap::nfr;
    return u;
  }
  void fault(std::uint16_t source, std::uint64_t address = 0x5000, reason why = reason::read_denied) {
    blocked_request f;
    f.asked.source = source;
    f.address = address;
    f.why = why;
    log.record(f);
  }
  void write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
    registers.write(offset, bytes, value, [](const register_file::touched&) {});
    log.written();
    event.control_written();
  }
  void clear(unsigned record) { write(0x228 + record * 16, 8, fault_record::f); }
  std::uint32_t status() const { return static_cast<std::uint32_t>(registers.read(0x34, 4)); }

  paging::vtd::unit_capabilities unit;
  register_file registers;
  kept_messages messages;
  event_line event{registers, unit_register::fectl, messages};
  fault_log log{registers, event, unit};
};

TEST(fault_log, a_record_tells_all_of_the_request) {
  logging_unit u;
  blocked_request f;
  f.asked = {0x1234, true, 0xabcde, paging::vtd::request_type::untranslated, paging::access_type::fetch, true};
  f.address = 0x12'3456'7fff;
  f.why = reason::sm_execute_denied;
  u.log.record(f);
  EXPECT_EQ(u.registers.read(0x220, 8), 0x12'3456'7000u);
  EXPECT_EQ(u.registers.read(0x228, 8), 0xc0000000'00000000u | 0xabcdeull << 40 | 0x82ull << 32 | 7ull << 29 | 0x1234);
}

TEST(fault_log, fields_of_what_the_unit_cannot_do_read_0) {
  logging_unit u;
  u.unit.ecap &= ~(paging::vtd::ecap::pasid | paging::vtd::ecap::dt);
  fault_log log(u.registers, u.event, u.unit);
  blocked_request f;
  f.asked = {0x1234, true, 0xabcde, paging::vtd::request_type::translated, paging::access_type::fetch, true};
  f.why = reason::pasid_in_legacy_mode;
  log.record(f);
  EXPECT_EQ(u.registers.read(0x228, 8), 0xc0000031'00001234u);
}

TEST(fault_log, requests_without_pasid_report_neither_it_nor_privilege) {
  logging_unit u;
  u.fault(0x42);
  EXPECT_EQ(u.registers.read(0x228, 8), 0xc0000006'00000042u);
}

TEST(fault_log, writes_and_translated_requests_are_told_apart) {
  logging_unit u;
  blocked_request f;
  f.asked.access = paging::access_type::write;
  f.asked.type = paging::vtd::request_type::translated;
  f.why = reason::translated_request_denied;
  u.log.record(f);
  EXPECT_EQ(u.registers.read(0x228, 8) >> 60, 0xau);
}

TEST(fault_log, address_bits_beyond_the_guest_width_read_0) {
  logging_unit u;
  u.fault(1, 0xfe00'0000'0000'5000);
  EXPECT_EQ(u.registers.read(0x220, 8), 0x5000u);
}

TEST(fault_log, records_are_filled_in_turn_and_the_first_pending_is_told) {
  logging_unit u(4);
  u.fault(1);
  EXPECT_EQ(u.status(), fsts::ppf);
  u.clear(0);
  EXPECT_EQ(u.status(), 0u);
  u.fault(2);
  EXPECT_EQ(u.status(), fsts::ppf | 1u << fsts::fri);
  EXPECT_EQ(u.registers.read(0x238, 8) & 0xffff, 2u);
  u.fault(3);
  EXPECT_EQ(u.status(), fsts::ppf | 1u << fsts::fri);
  u.clear(1);
  EXPECT_EQ(u.status() & fsts::ppf, fsts::ppf);
}

TEST(fault_log, a_fault_of_a_source_that_has_a_pending_record_is_dropped) {
  logging_unit u(4);
  u.fault(1, 0x5000);
  u.fault(1, 0x6000);
  EXPECT_EQ(u.registers.read(0x238, 8), 0u);
  EXPECT_EQ(u.log.counts().collapsed, 1u);
  EXPECT_EQ(u.status(), fsts::ppf);
}

TEST(fault_log, overflow_stops_recording_until_it_is_cleared) {
  logging_unit u;
  u.fault(1);
  u.fault(2);
  EXPECT_EQ(u.status(), fsts::ppf | fsts::pfo);
  EXPECT_EQ(u.registers.read(0x228, 8) & 0xffff, 1u);
  u.clear(0);
  EXPECT_EQ(u.status(), fsts::pfo);
  u.fault(3);
  EXPECT_EQ(u.registers.read(0x228, 8) & fault_record::f, 0u);
  u.write(0x34, 4, fsts::pfo);
  u.fault(4);
  EXPECT_EQ(u.registers.read(0x228, 8) & 0xffff, 4u);
}

TEST(fault_event, is_a_message_of_the_data_to_the_address) {
  logging_unit u;
  u.write(0x3c, 4, 0x4321);
  u.write(0x40, 8, 0x7'fee01004);
  u.write(0x38, 4, 0);
  u.fault(1);
  ASSERT_EQ(u.messages.sent.size(), 1u);
  EXPECT_EQ(u.messages.sent[0].address, 0x7'fee01004u);
  EXPECT_EQ(u.messages.sent[0].data, 0x4321u);
}

TEST(fault_event, comes_once_until_everything_is_cleared) {
  logging_unit u(4);
  u.write(0x38, 4, 0);
  u.fault(1);
  u.fault(2);
  EXPECT_EQ(u.messages.sent.size(), 1u);
  u.clear(0);
  u.fault(3);
  EXPECT_EQ(u.messages.sent.size(), 1u);
  u.clear(1);
  u.clear(2);
  u.fault(4);
  EXPECT_EQ(u.messages.sent.size(), 2u);
}

TEST(fault_event, waits_in_ip_while_masked_and_goes_out_when_unmasked) {
  logging_unit u;
  u.fault(1);
  EXPECT_TRUE(u.messages.sent.empty());
  EXPECT_EQ(u.registers.read(0x38, 4), 0xc0000000u);
  u.write(0x38, 4, 0);
  EXPECT_EQ(u.messages.sent.size(), 1u);
  EXPECT_EQ(u.registers.read(0x38, 4), 0u);
}

TEST(fault_event, is_taken_back_when_everything_is_cleared) {
  logging_unit u;
  u.fault(1);
  u.clear(0);
  EXPECT_EQ(u.registers.read(0x38, 4), 0x80000000u);
  u.write(0x38, 4, 0);
  EXPECT_TRUE(u.messages.sent.empty());
}

TEST(fault_event, errors_of_the_queue_raise_it_too) {
  logging_unit u;
  u.write(0x38, 4, 0);
  u.log.set_status(fsts::iqe);
  EXPECT_EQ(u.messages.sent.size(), 1u);
  u.fault(1);
  EXPECT_EQ(u.messages.sent.size(), 1u);
}

}  // namespace
}  // namespace nestwalk::iommu
