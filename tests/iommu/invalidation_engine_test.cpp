// The process behind the invalidation queue and the commands in registers.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "nestwalk/iommu/invalidation_engine.h"

#include <gtest/gtest.h>

#include "nestwalk/iommu/message_port.h"
#include "paging/device_table_world.h"
#include "support/test_memory.h"

namespace nestwalk::iommu {
namespace {

using paging::vtd::descriptor;
using paging::vtd::descriptor_type;
using paging::vtd::granularity;
using paging::vtd::queue_error;
using test::everything;

constexpr std::uint64_t queue_at = 0x8000;
constexpr std::uint64_t status_at = 0x9000;
constexpr auto legacy_tables = paging::vtd::table_mode::legacy;

struct queued_unit : sc_core::sc_module, invalidation_target, private protocol::blocking_initiator {
  queued_unit() : queued_unit(paging::vtd::table_mode::scalable) {}
  explicit queued_unit(paging::vtd::table_mode mode, const paging::vtd::unit_capabilities& can = everything(),
                       const sc_core::sc_module_name& name = "unit")
      : sc_module(name), unit(can), table_mode(mode) {
    socket.bind(static_cast<protocol::memory_backward&>(*this));
    socket.bind(memory.socket);
    write(0x90, 8, queue_at | iqa::dw);
  }
  void invalidate(const descriptor& d) override { seen.push_back(d); }
  paging::vtd::table_mode mode() const override { return table_mode; }
  void translation_enabled(bool on) override { enabled = on; }

  void write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
    registers.write(offset, bytes, value, [](const register_file::touched&) {});
  }
  void settle() { sc_core::sc_start(); }
  void start_queue() {
    engine.global_command(global::qie);
    settle();
  }
  // Puts a 256-bit descriptor at place n of the queue.
  void put(unsigned n, std::uint64_t low, std::uint64_t high = 0) {
    memory.write(queue_at + n * 32, low);
    memory.write(queue_at + n * 32 + 8, high);
  }
  void tail(unsigned n) {
    write(0x88, 8, n * 32);
    engine.look_again();
    settle();
  }
  std::uint64_t head() const { return registers.read(0x80, 8); }
  std::uint64_t status() const { return registers.read(0x34, 4); }
  queue_error error() const { return static_cast<queue_error>(registers.read(0xb0, 8) & 15); }
  void clear(std::uint32_t bits) {
    write(0x34, 4, bits);
    faults.written();
    engine.look_again();
    settle();
  }

  protocol::memory_initiator_socket socket{"socket"};
  test::test_memory memory{"memory"};
  paging::vtd::unit_capabilities unit;
  register_file registers{unit, 0x10};
  message_port messages{"messages", socket};
  event_line fault_event{registers, unit_register::fectl, messages};
  event_line completion{registers, unit_register::iectl, messages};
  fault_log faults{registers, fault_event, unit};
  transfers inside;
  invalidation_engine engine{"engine", {registers, faults, completion, inside, *this, socket, unit}, {}};
  std::vector<descriptor> seen;
  paging::vtd::table_mode table_mode;
  bool enabled = false;
};

TEST(invalidation_queue, carries_out_up_to_the_tail_and_wraps) {
  queued_unit u;
  u.start_queue();
  for (unsigned n = 0; n < 128; ++n) u.put(n, 0x11 | std::uint64_t{n} << 16);
  u.tail(3);
  EXPECT_EQ(u.seen.size(), 3u);
  EXPECT_EQ(u.head(), 3u * 32);
  u.tail(127);
  u.tail(1);
  EXPECT_EQ(u.seen.size(), 129u);
  EXPECT_EQ(u.seen.back().domain, 0);
}

TEST(invalidation_queue, a_write_of_the_tail_takes_no_time_and_the_work_does) {
  queued_unit u;
  u.start_queue();
  u.put(0, 0x11);
  const sc_core::sc_time before = sc_core::sc_time_stamp();
  u.write(0x88, 8, 32);
  u.engine.look_again();
  EXPECT_TRUE(u.seen.empty());
  u.settle();
  EXPECT_EQ(u.seen.size(), 1u);
  EXPECT_EQ(sc_core::sc_time_stamp() - before, sc_core::sc_time(10 + 16, sc_core::SC_NS));
}

TEST(invalidation_queue, wait_writes_its_status_and_sends_its_interrupt) {
  queued_unit u;
  u.start_queue();
  u.write(0xa4, 4, 0x55);
  u.write(0xa8, 4, 0xfee0'2000);
  u.write(0xa0, 4, 0);
  u.put(0, 0x1234'5678'0000'0035, status_at);
  u.tail(1);
  EXPECT_EQ(u.memory.read(status_at), 0x1234'5678u);
  EXPECT_EQ(u.memory.read(0xfee0'2000, 4), 0x55u);
  EXPECT_EQ(u.registers.read(0x9c, 4), 1u);
}

TEST(invalidation_queue, each_error_stops_it_and_is_told) {
  struct {
    const char* what;
    std::uint64_t low;
    unsigned tail;
    queue_error why;
  } const cases[] = {{"type", 9, 32, queue_error::type_invalid},
                     {"reserved", 0x51, 32, queue_error::reserved_field},
                     {"tail", 0x11, 0x1000, queue_error::tail_invalid},
                     {"odd tail", 0x11, 0x10, queue_error::tail_misaligned}};
  queued_unit u;
  u.start_queue();
  for (const auto& c : cases) {
    u.put(0, c.low);
    u.write(0x88, 8, c.tail);
    u.engine.look_again();
    u.settle();
    EXPECT_EQ(u.status(), fsts::iqe) << c.what;
    EXPECT_EQ(u.error(), c.why) << c.what;
    EXPECT_EQ(u.head(), 0u) << c.what;
    u.write(0x88, 8, 0);
    u.clear(fsts::iqe);
    EXPECT_EQ(u.status(), 0u);
  }
  EXPECT_TRUE(u.seen.empty());
}

// What was a place of 128 bits when the queue stood there is none of 256: every descriptor is valid, and from there the
// head never meets the tail.
TEST(invalidation_queue, a_tail_that_the_head_steps_over_stops_it) {
  queued_unit u(legacy_tables);
  u.write(0x90, 8, queue_at);
  u.memory.write(queue_at, 0x11);
  u.start_queue();
  u.write(0x88, 8, 16);
  u.engine.look_again();
  u.settle();
  ASSERT_EQ(u.head(), 16u);
  for (unsigned at = 0; at < 0x1000; at += 16) u.memory.write(queue_at + at, at % 32 == 16 ? 0x11 : 0);
  u.write(0x90, 8, queue_at | iqa::dw);
  u.write(0x88, 8, 64);
  u.engine.look_again();
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  EXPECT_EQ(u.status(), fsts::iqe);
  EXPECT_EQ(u.error(), queue_error::tail_misaligned);
  EXPECT_EQ(u.head(), 16u);
  EXPECT_EQ(u.seen.size(), 1u);
}

// The same of a queue that became smaller: its places come round.
TEST(invalidation_queue, a_head_beyond_a_queue_that_became_smaller_comes_back) {
  queued_unit u;
  u.write(0x90, 8, queue_at | iqa::dw | 1);
  u.start_queue();
  for (unsigned n = 0; n < 256; ++n) u.put(n, 0x11);
  u.tail(200);
  ASSERT_EQ(u.head(), 200u * 32);
  u.write(0x90, 8, queue_at | iqa::dw);
  u.write(0x88, 8, 64);
  u.engine.look_again();
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  EXPECT_TRUE(u.status() == fsts::iqe || u.head() == 64u);
}

TEST(invalidation_queue, resumes_at_the_repaired_descriptor) {
  queued_unit u;
  u.start_queue();
  u.put(0, 9);
  u.put(1, 0x12);
  u.tail(2);
  EXPECT_EQ(u.status(), fsts::iqe);
  u.put(0, 0x11);
  u.clear(fsts::iqe);
  EXPECT_EQ(u.seen.size(), 2u);
}

TEST(invalidation_queue, a_descriptor_that_memory_refuses_is_an_error) {
  queued_unit u;
  u.start_queue();
  u.memory.fail(queue_at, queue_at + 31);
  u.tail(1);
  EXPECT_EQ(u.error(), queue_error::fetch_failed);
}

TEST(invalidation_queue, a_status_write_that_memory_refuses_stops_it_at_the_wait) {
  queued_unit u;
  u.start_queue();
  u.memory.fail(status_at, status_at + 3);
  u.put(0, 0x25, status_at);
  u.tail(1);
  EXPECT_EQ(u.status(), fsts::iqe);
  EXPECT_EQ(u.head(), 0u);
  u.memory.mend();
  u.clear(fsts::iqe);
  EXPECT_EQ(u.head(), 32u);
}

TEST(invalidation_queue, scalable_tables_need_wide_descriptors) {
  queued_unit u;
  u.write(0x90, 8, queue_at);
  u.start_queue();
  u.tail(1);
  EXPECT_EQ(u.error(), queue_error::width_invalid);
}

TEST(invalidation_queue, legacy_tables_allow_wide_descriptors) {
  queued_unit u;
  u.table_mode = paging::vtd::table_mode::legacy;
  u.start_queue();
  u.put(0, 0x11);
  u.tail(1);
  EXPECT_EQ(u.seen.size(), 1u);
}

TEST(invalidation_queue, the_reserved_table_mode_has_no_queue) {
  queued_unit u;
  u.table_mode = paging::vtd::table_mode::reserved;
  u.start_queue();
  u.tail(1);
  EXPECT_EQ(u.error(), queue_error::mode_invalid);
}

TEST(invalidation_queue, a_table_mode_that_the_unit_does_not_have_has_no_queue) {
  paging::vtd::unit_capabilities unit = everything();
  unit.ecap &= ~paging::vtd::ecap::adms;
  queued_unit u(paging::vtd::table_mode::abort_dma, unit);
  u.start_queue();
  u.tail(1);
  EXPECT_EQ(u.error(), queue_error::mode_invalid);
}

TEST(invalidation_queue, wait_waits_for_requests_that_began_before) {
  queued_unit u;
  u.start_queue();
  auto request = std::make_unique<transfers::stay>(u.inside);
  u.put(0, 0x1'0000'0025, status_at);
  u.tail(1);
  EXPECT_EQ(u.memory.read(status_at), 0u);
  const transfers::stay later(u.inside);
  request.reset();
  u.settle();
  EXPECT_EQ(u.memory.read(status_at), 1u);
}

TEST(invalidation_queue, wait_waits_until_the_local_time_of_earlier_requests) {
  queued_unit u;
  u.start_queue();
  const sc_core::sc_time ahead(5, sc_core::SC_US);
  const sc_core::sc_time end = sc_core::sc_time_stamp() + ahead;
  {
    transfers::stay request(u.inside);
    request.ends(ahead);
  }
  u.put(0, 0x1'0000'0025, status_at);
  u.tail(1);
  EXPECT_GE(sc_core::sc_time_stamp(), end);
}

TEST(invalidation_queue, wait_waits_for_devices_to_answer) {
  queued_unit u;
  u.engine.answer_by([](const descriptor& d) { return device_answer{sc_core::sc_time(3, sc_core::SC_US), d.source}; });
  u.start_queue();
  u.put(0, 0x0113'0000'0003, 0x5000);
  u.put(1, 0x1'0000'0025, status_at);
  const sc_core::sc_time before = sc_core::sc_time_stamp();
  u.tail(2);
  EXPECT_GE(sc_core::sc_time_stamp() - before, sc_core::sc_time(3, sc_core::SC_US));
  EXPECT_EQ(u.memory.read(status_at), 1u);
}

TEST(invalidation_queue, a_device_that_never_answers_is_a_time_out_and_the_wait_is_given_up) {
  queued_unit u;
  u.engine.answer_by([](const descriptor&) { return device_answer{}; });
  u.start_queue();
  u.put(0, 0x0113'0000'0003, 0x5000);
  u.put(1, 0x1'0000'0025, status_at);
  u.put(2, 0x11);
  u.tail(3);
  EXPECT_EQ(u.status(), fsts::ite);
  EXPECT_EQ(u.registers.read(0xb0, 8) >> 32 & 0xffff, 0x113u);
  EXPECT_EQ(u.memory.read(status_at), 0u);
  EXPECT_EQ(u.head(), 32u);
  EXPECT_TRUE(u.seen.empty());
  u.clear(fsts::ite);  // the wait is fetched again, with nothing left to wait for
  EXPECT_EQ(u.memory.read(status_at), 1u);
  EXPECT_EQ(u.seen.size(), 1u);
}

TEST(invalidation_queue, a_completion_of_another_device_is_an_error_and_does_not_stop_it) {
  queued_unit u;
  u.engine.answer_by([](const descriptor&) { return device_answer{sc_core::SC_ZERO_TIME, 0x222}; });
  u.start_queue();
  u.put(0, 0x0113'0000'0003, 0x5000);
  u.put(1, 0x1'0000'0025, status_at);
  u.tail(2);
  EXPECT_EQ(u.status(), fsts::ice);
  EXPECT_EQ(u.registers.read(0xb0, 8) >> 48, 0x222u);
  EXPECT_EQ(u.memory.read(status_at), 1u);
}

TEST(invalidation_queue, stopping_it_clears_the_head) {
  queued_unit u;
  u.start_queue();
  u.put(0, 0x11);
  u.tail(1);
  u.engine.global_command(0);
  u.settle();
  EXPECT_EQ(u.head(), 0u);
  EXPECT_EQ(u.registers.read(0x1c, 4) & global::qie, 0u);
}

TEST(register_commands, context_command_ends_with_the_granularity_done) {
  queued_unit u(legacy_tables);
  u.write(0x28, 8, ccmd::icc | std::uint64_t{3} << ccmd::cirg | 2ull << ccmd::fm | 0x113'0077);
  u.engine.context_command();
  EXPECT_NE(u.registers.read(0x28, 8) & ccmd::icc, 0u);
  u.settle();
  EXPECT_EQ(u.registers.read(0x28, 8) & (ccmd::icc | ccmd::caig_mask), ccmd::caig_mask);
  ASSERT_EQ(u.seen.size(), 1u);
  EXPECT_EQ(u.seen[0].how, granularity::selective);
  EXPECT_EQ(u.seen[0].source, 0x113);
  EXPECT_EQ(u.seen[0].function_mask, 2);
}

TEST(register_commands, are_refused_unless_the_tables_are_legacy_ones) {
  queued_unit u;
  for (const auto mode : {paging::vtd::table_mode::scalable, paging::vtd::table_mode::abort_dma}) {
    u.table_mode = mode;
    u.write(0x28, 8, ccmd::icc | std::uint64_t{1} << ccmd::cirg);
    u.engine.context_command();
    u.write(0xf8, 8, iotlb::ivt | std::uint64_t{1} << iotlb::iirg);
    u.engine.iotlb_command(0);
    u.settle();
    EXPECT_EQ(u.registers.read(0x28, 8) & (ccmd::icc | ccmd::caig_mask), 0u);
    EXPECT_EQ(u.registers.read(0xf8, 8) & (iotlb::ivt | iotlb::iaig_mask), 0u);
    EXPECT_TRUE(u.seen.empty());
  }
}

TEST(register_commands, ignore_bits_of_domains_and_addresses_that_the_unit_does_not_have) {
  paging::vtd::unit_capabilities narrow = everything();
  narrow.cap = (narrow.cap & ~(std::uint64_t{0x3f} << paging::vtd::cap::mgaw | 7)) |
               std::uint64_t{47} << paging::vtd::cap::mgaw | 2;
  queued_unit u(legacy_tables, narrow);
  u.write(0x28, 8, ccmd::icc | std::uint64_t{2} << ccmd::cirg | 0xab34);
  u.engine.context_command();
  u.settle();
  u.write(0xf8, 8, iotlb::ivt | std::uint64_t{3} << iotlb::iirg | 0xab34ull << iotlb::did);
  u.engine.iotlb_command(0xffff'0000'1234'5000);
  u.settle();
  ASSERT_EQ(u.seen.size(), 2u);
  EXPECT_EQ(u.seen[0].domain, 0x34);
  EXPECT_EQ(u.seen[1].domain, 0x34);
  EXPECT_EQ(u.seen[1].address, 0x1234'5000u);
}

TEST(register_commands, of_a_range_take_the_domain_on_units_without_page_selective_invalidation) {
  paging::vtd::unit_capabilities unit = everything();
  unit.cap &= ~paging::vtd::cap::psi;
  queued_unit u(legacy_tables, unit);
  u.write(0xf8, 8, iotlb::ivt | std::uint64_t{3} << iotlb::iirg | 0x77ull << iotlb::did);
  u.engine.iotlb_command(0x1234'5000 | 60);
  u.settle();
  ASSERT_EQ(u.seen.size(), 1u);
  EXPECT_EQ(u.seen[0].how, granularity::domain);
  EXPECT_EQ(u.registers.read(0xf8, 8) & iotlb::iaig_mask, std::uint64_t{2} << iotlb::iaig);
}

TEST(register_commands, iotlb_command_takes_its_range_from_the_address_register) {
  queued_unit u(legacy_tables);
  u.write(0xf8, 8, iotlb::ivt | std::uint64_t{3} << iotlb::iirg | 0x77ull << iotlb::did);
  u.engine.iotlb_command(0x12'3456'7000 | 0x40 | 4);
  u.settle();
  ASSERT_EQ(u.seen.size(), 1u);
  EXPECT_EQ(u.seen[0].domain, 0x77);
  EXPECT_EQ(u.seen[0].address, 0x12'3456'0000u);
  EXPECT_EQ(u.seen[0].size_log2, 16);
  EXPECT_TRUE(u.seen[0].hint);
  EXPECT_EQ(u.registers.read(0xf8, 8) & iotlb::iaig_mask, iotlb::iaig_mask);
}

TEST(register_commands, do_nothing_while_the_queue_is_on) {
  queued_unit u(legacy_tables);
  u.start_queue();
  u.write(0x28, 8, ccmd::icc | std::uint64_t{1} << ccmd::cirg);
  u.engine.context_command();
  u.settle();
  EXPECT_EQ(u.registers.read(0x28, 8) & (ccmd::icc | ccmd::caig_mask), 0u);
  EXPECT_TRUE(u.seen.empty());
}

TEST(register_commands, translation_is_enabled_once_earlier_requests_have_ended) {
  queued_unit u;
  auto request = std::make_unique<transfers::stay>(u.inside);
  u.engine.global_command(global::te);
  u.settle();
  EXPECT_FALSE(u.enabled);
  request.reset();
  u.settle();
  EXPECT_TRUE(u.enabled);
  EXPECT_EQ(u.registers.read(0x1c, 4), global::te);
}

}  // namespace
}  // namespace nestwalk::iommu
