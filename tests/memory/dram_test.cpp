#include "nestwalk/memory/dram.h"

#include <cstring>
#include <numeric>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "support.h"
#include "support/kept_warnings.h"

namespace nestwalk::memory {
namespace {

using test::bind_watched;
using test::elaborate;
using test::ns;

constexpr std::uint64_t mib = 1 << 20;

/// A dram of 5 MiB + 4 KiB with one initiator.
struct dram_alone : testing::Test {
  dram_alone() {
    bind_watched(cpu.memory, memory.cpu_side);
    elaborate();
  }
  static dram_config config() {
    dram_config c;
    c.size = 5 * mib + 4096;
    return c;
  }
  test::initiator cpu{"cpu"};
  dram memory{"memory", config()};
};

TEST_F(dram_alone, what_was_written_is_read) {
  cpu.write(0x1234, 0x1122334455667788);
  EXPECT_EQ(cpu.value_at(0x1234), 0x1122334455667788u);
  EXPECT_EQ(cpu.status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(cpu.served_by(), protocol::memory_level::dram);
}

TEST_F(dram_alone, untouched_memory_reads_as_zero_and_takes_none) {
  cpu.data = 1;
  EXPECT_EQ(cpu.value_at(3 * mib), 0u);
  EXPECT_EQ(memory.store().reserved_chunks(), 0u);
}

TEST_F(dram_alone, an_access_may_cross_chunks) {
  std::vector<unsigned char> out(3 * mib), in(3 * mib);
  std::iota(out.begin(), out.end(), static_cast<unsigned char>(1));
  cpu.send(cpu.payload.write(mib, out.data(), 3 * mib));
  cpu.send(cpu.payload.read(mib, in.data(), 3 * mib));
  EXPECT_EQ(in, out);
}

TEST_F(dram_alone, a_qword_may_cross_chunks) {
  // In this order, as the host may lay chunks side by side as they come, up or down.
  cpu.write(2 * mib, 0x3333333344444444);
  cpu.write(2 * mib - 8, 0x1111111122222222);
  cpu.write(4 * mib - 8, 0x5555555566666666);
  cpu.write(4 * mib, 0x7777777788888888);
  EXPECT_EQ(cpu.value_at(2 * mib - 4), 0x4444444411111111u);
  EXPECT_EQ(cpu.value_at(4 * mib - 4), 0x8888888855555555u);
}

/// Two memories alike: one is reached by transport, the other through a metered grant.
TEST_F(dram_alone, a_metered_grant_counts_and_takes_time_as_transport_does) {
  protocol::meter_extension metered;
  tlm::tlm_generic_payload& payload = cpu.payload.read(0, &cpu.data, 8);
  payload.set_extension(&metered);
  tlm::tlm_dmi grant;
  ASSERT_TRUE(cpu.memory->get_direct_mem_ptr(payload, grant));
  payload.clear_extension(&metered);
  ASSERT_NE(metered.meter, nullptr);
  using act = protocol::access_meter::act;
  const auto by_meter = [&](act what, std::uint64_t address, sc_core::sc_time at) {
    return metered.meter->after(what, address, 8, at) - at;
  };
  constexpr std::uint64_t other_row = 1 * mib;  // of the same bank
  const sc_core::sc_time first = by_meter(act::read, 0, ns(1'000));
  const sc_core::sc_time open = by_meter(act::write, 8, ns(2'000));
  const sc_core::sc_time conflict = by_meter(act::exchange, other_row, ns(3'000));
  EXPECT_EQ(memory.counts().reads, 1u);
  EXPECT_EQ(memory.counts().writes, 1u);
  EXPECT_EQ(memory.counts().exchanges, 1u);
  EXPECT_LT(open, first);
  EXPECT_LT(first, conflict);
  EXPECT_EQ(cpu.read(0, ns(4'000)), conflict);
  EXPECT_EQ(cpu.write(8, 1, ns(5'000)), open);
  EXPECT_EQ(cpu.exchange(other_row, 0, 0, ns(6'000)), conflict);
}

TEST_F(dram_alone, a_plain_initiator_is_served) {
  tlm::tlm_generic_payload plain;
  std::uint64_t value = 42;
  plain.set_command(tlm::TLM_WRITE_COMMAND);
  plain.set_address(64);
  plain.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  plain.set_data_length(8);
  plain.set_streaming_width(8);
  cpu.send(plain);
  EXPECT_EQ(plain.get_response_status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(cpu.value_at(64), 42u);
}

TEST_F(dram_alone, an_access_beyond_the_size_is_an_address_error_and_takes_no_time) {
  cpu.write(5 * mib + 4088, 7);
  EXPECT_EQ(cpu.write(5 * mib + 4092, ~std::uint64_t{0}), sc_core::SC_ZERO_TIME);
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(cpu.value_at(5 * mib + 4088), 7u);
  cpu.read(~std::uint64_t{0} - 3);
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(memory.counts().errors, 2u);
}

TEST_F(dram_alone, streaming_is_a_burst_error_and_changes_nothing) {
  std::uint64_t value = 9;
  auto& p = cpu.payload.write(0, &value, 8);
  p.set_streaming_width(4);
  EXPECT_EQ(cpu.send(p), sc_core::SC_ZERO_TIME);
  EXPECT_EQ(p.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(cpu.value_at(0), 0u);
}

TEST_F(dram_alone, a_read_that_streams_is_a_burst_error_and_reads_nothing) {
  cpu.write(0, 7);
  std::uint64_t value = 9;
  auto& p = cpu.payload.read(0, &value, 8);
  p.set_streaming_width(4);
  EXPECT_EQ(cpu.send(p), sc_core::SC_ZERO_TIME);
  EXPECT_EQ(p.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(value, 9u);
}

TEST_F(dram_alone, a_streaming_width_of_0_is_served_as_the_length) {
  const nestwalk::test::kept_warnings of_the_monitor;
  cpu.write(8, 7);
  auto& p = cpu.payload.read(8, &cpu.data, 8);
  p.set_streaming_width(0);
  cpu.send(p);
  EXPECT_TRUE(p.is_response_ok());
  EXPECT_EQ(cpu.data, 7u);
}

TEST_F(dram_alone, what_asks_for_nothing_succeeds_anywhere_and_takes_no_time) {
  const nestwalk::test::kept_warnings of_the_monitor;
  for (const std::uint64_t at : {std::uint64_t{0}, 5 * mib, ~std::uint64_t{0}}) {
    auto& empty = cpu.payload.write(at, nullptr, 0);
    EXPECT_EQ(cpu.send(empty), sc_core::SC_ZERO_TIME);
    EXPECT_TRUE(empty.is_response_ok());
    auto& ignored = cpu.payload.read(at, &cpu.data, 8);
    ignored.set_command(tlm::TLM_IGNORE_COMMAND);
    EXPECT_EQ(cpu.send(ignored), sc_core::SC_ZERO_TIME);
    EXPECT_TRUE(ignored.is_response_ok());
  }
}

TEST_F(dram_alone, a_debug_access_says_whether_all_was_there) {
  auto& p = cpu.payload.read(mib, &cpu.data, 8);
  EXPECT_EQ(cpu.memory->transport_dbg(p), 8u);
  EXPECT_TRUE(p.is_response_ok());
  auto& beyond = cpu.payload.read(5 * mib + 4092, &cpu.data, 8);
  EXPECT_LT(cpu.memory->transport_dbg(beyond), 8u);
  EXPECT_EQ(beyond.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(dram_alone, byte_enables_select_and_repeat) {
  cpu.write(0, 0x1111111111111111);
  unsigned char enables[2] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
  std::uint64_t value = 0xffffffffffffffff;
  auto& p = cpu.payload.write(0, &value, 8);
  p.set_byte_enable_ptr(enables);
  p.set_byte_enable_length(2);
  cpu.send(p);
  EXPECT_EQ(p.get_response_status(), tlm::TLM_OK_RESPONSE);
  value = 0;
  cpu.send(cpu.payload.read(0, &value, 8));
  EXPECT_EQ(value, 0x00ff00ff00ff00ffu) << "the read is enabled by the same bytes";
  p.set_byte_enable_ptr(nullptr);
  EXPECT_EQ(cpu.value_at(0), 0x11ff11ff11ff11ffu);
}

TEST_F(dram_alone, an_exchange_stores_where_the_value_is_as_expected) {
  cpu.write(8, 5);
  cpu.exchange(8, 5, 6);
  EXPECT_TRUE(cpu.payload.exchange().performed);
  EXPECT_TRUE(cpu.payload.exchange().swapped);
  EXPECT_EQ(cpu.data, 5u);
  EXPECT_EQ(cpu.value_at(8), 6u);
}

TEST_F(dram_alone, an_exchange_stores_nothing_where_the_value_is_another) {
  cpu.write(8, 5);
  cpu.exchange(8, 4, 6);
  EXPECT_TRUE(cpu.payload.exchange().performed);
  EXPECT_FALSE(cpu.payload.exchange().swapped);
  EXPECT_EQ(cpu.data, 5u);
  EXPECT_EQ(cpu.value_at(8), 5u);
}

TEST_F(dram_alone, an_exchange_of_a_dword_leaves_its_neighbour) {
  cpu.write(8, 0x0000000100000002);
  std::uint32_t old = 0;
  cpu.send(cpu.payload.exchange(8, &old, 4, 2, 3));
  EXPECT_TRUE(cpu.payload.exchange().swapped);
  EXPECT_EQ(cpu.value_at(8), 0x0000000100000003u);
}

TEST_F(dram_alone, an_unaligned_exchange_is_a_burst_error) {
  cpu.exchange(4, 0, 1);
  EXPECT_EQ(cpu.status(), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_FALSE(cpu.payload.exchange().performed);
  EXPECT_EQ(cpu.value_at(0), 0u);
}

TEST_F(dram_alone, a_grant_is_the_chunk_with_the_time_of_a_closed_row) {
  tlm::tlm_dmi grant;
  ASSERT_TRUE(cpu.ask(2 * mib + 5, grant));
  EXPECT_EQ(grant.get_start_address(), 2 * mib);
  EXPECT_EQ(grant.get_end_address(), 4 * mib - 1);
  EXPECT_TRUE(grant.is_read_write_allowed());
  EXPECT_EQ(grant.get_read_latency(), ns(31.5));
  EXPECT_EQ(grant.get_write_latency(), ns(31.5));
  grant.get_dmi_ptr()[8] = 99;
  EXPECT_EQ(cpu.value_at(2 * mib + 8), 99u);
}

TEST_F(dram_alone, a_grant_is_cut_to_the_size) {
  tlm::tlm_dmi grant;
  ASSERT_TRUE(cpu.ask(4 * mib, grant));
  EXPECT_EQ(grant.get_end_address(), 5 * mib + 4095);
}

TEST_F(dram_alone, no_grant_beyond_the_size) {
  tlm::tlm_dmi grant;
  EXPECT_FALSE(cpu.ask(5 * mib + 4096, grant));
  EXPECT_TRUE(grant.is_none_allowed());
}

TEST_F(dram_alone, debug_transport_moves_bytes_and_counts_nothing) {
  std::uint64_t value = 77;
  EXPECT_EQ(cpu.memory->transport_dbg(cpu.payload.write(mib, &value, 8)), 8u);
  EXPECT_EQ(cpu.debug_read(mib), 77u);
  EXPECT_EQ(cpu.memory->transport_dbg(cpu.payload.read(5 * mib + 4092, &value, 8)), 4u) << "up to the end";
  EXPECT_EQ(cpu.memory->transport_dbg(cpu.payload.read(6 * mib, &value, 8)), 0u);
  EXPECT_EQ(memory.counts().reads + memory.counts().writes + memory.counts().errors, 0u);
}

TEST(dram, sixty_four_bits_less_than_a_page_from_the_top_of_52_bits_are_served) {
  dram_config config;
  config.size = std::uint64_t{1} << 52;
  dram memory("memory", config);
  test::initiator cpu("cpu");
  bind_watched(cpu.memory, memory.cpu_side);
  elaborate();
  const std::uint64_t page = (std::uint64_t{1} << 52) - 4096;
  cpu.write(page, 3);
  EXPECT_EQ(cpu.value_at(page), 3u);
  cpu.read(page + 4096);
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(dram, more_memory_than_the_store_can_hold_is_an_input_error) {
  dram_config config;
  config.size = (std::uint64_t{1} << 52) + 4096;
  EXPECT_THROW(dram("memory", config), input_error);
}

TEST(dram, banks_that_are_no_power_of_two_are_an_input_error) {
  dram_config config;
  config.timing.banks = 12;
  EXPECT_THROW(dram("memory", config), input_error);
}

}  // namespace
}  // namespace nestwalk::memory
