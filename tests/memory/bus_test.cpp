#include "nestwalk/memory/bus.h"

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "support.h"

namespace nestwalk::memory {
namespace {

using test::bind_watched;
using test::elaborate;
using test::ns;

/// [0, 4K) is low; [64K, 68K) is the upper half of high, [128K, 132K) its lower half; the rest is a hole.
struct bus_between : testing::Test {
  bus_between() {
    bind_watched(cpu.memory, router.cpu_side);
    bind_watched(other.memory, router.cpu_side);
    bind_watched(router.memory_side[0], low.cpu_side);
    bind_watched(router.memory_side[1], high.cpu_side);
    elaborate();
  }
  static bus_config config() {
    return {ns(2), {{0x20000, 0x20fff, 1, 0}, {0, 0xfff, 0, 0}, {0x10000, 0x10fff, 1, 0x1000}}};
  }
  test::initiator cpu{"cpu"};
  test::initiator other{"other"};
  bus router{"router", config()};
  test::plain_target low{"low", 4096};
  test::plain_target high{"high", 8192};
};

TEST_F(bus_between, an_access_goes_to_the_target_of_its_range_at_the_targets_address) {
  cpu.write(0x10008, 5);
  ASSERT_EQ(high.calls.size(), 1u);
  EXPECT_EQ(high.calls[0].address, 0x1008u);
  EXPECT_TRUE(low.calls.empty());
  EXPECT_EQ(cpu.payload.current().get_address(), 0x10008u);
  EXPECT_EQ(other.value_at(0x10008), 5u);
}

TEST_F(bus_between, meters_nothing_and_refuses_a_request_that_asks_for_it) {
  protocol::meter_extension metered;
  tlm::tlm_generic_payload& payload = cpu.payload.read(0x10008, &cpu.data, 8);
  payload.set_extension(&metered);
  tlm::tlm_dmi grant;
  EXPECT_FALSE(cpu.memory->get_direct_mem_ptr(payload, grant));
  payload.clear_extension(&metered);
  EXPECT_TRUE(grant.is_none_allowed());
  EXPECT_EQ(metered.meter, nullptr);
}

TEST_F(bus_between, a_hop_adds_the_latency) {
  EXPECT_EQ(cpu.read(0), ns(2 + 100));
  EXPECT_EQ(low.calls[0].at, ns(2));
}

TEST_F(bus_between, ranges_are_told_apart_in_any_order) {
  cpu.write(0, 1);
  cpu.write(0x20000, 2);
  cpu.write(0x10000, 3);
  cpu.write(8, 4);
  EXPECT_EQ(low.bytes[0], 1);
  EXPECT_EQ(low.bytes[8], 4);
  EXPECT_EQ(high.bytes[0], 2);
  EXPECT_EQ(high.bytes[0x1000], 3);
}

TEST_F(bus_between, a_hole_is_an_address_error_and_takes_no_time) {
  EXPECT_EQ(cpu.read(0x1000), sc_core::SC_ZERO_TIME);
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(router.counts().errors, 1u);
}

TEST_F(bus_between, an_access_that_leaves_its_range_is_an_address_error_and_changes_nothing) {
  cpu.write(0xffc, ~std::uint64_t{0});
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_TRUE(low.calls.empty());
}

TEST_F(bus_between, the_address_is_restored_after_an_error_below) {
  high.bytes.resize(0x1000);
  cpu.read(0x10010);
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(cpu.payload.current().get_address(), 0x10010u);
}

TEST_F(bus_between, a_grant_is_cut_to_the_range_and_gets_the_latency) {
  tlm::tlm_dmi grant;
  ASSERT_TRUE(cpu.ask(0x10010, grant));
  EXPECT_EQ(grant.get_start_address(), 0x10000u);
  EXPECT_EQ(grant.get_end_address(), 0x10fffu);
  EXPECT_EQ(grant.get_dmi_ptr(), &high.bytes[0x1000]) << "the place of the first address";
  EXPECT_EQ(grant.get_read_latency(), ns(7 + 2));
  EXPECT_EQ(grant.get_write_latency(), ns(9 + 2));
  ASSERT_TRUE(cpu.ask(0x20010, grant));
  EXPECT_EQ(grant.get_start_address(), 0x20000u);
  EXPECT_EQ(grant.get_end_address(), 0x20fffu);
  EXPECT_EQ(grant.get_dmi_ptr(), &high.bytes[0]);
}

TEST_F(bus_between, no_grant_in_a_hole) {
  tlm::tlm_dmi grant;
  EXPECT_FALSE(cpu.ask(0x5000, grant));
  EXPECT_TRUE(grant.is_none_allowed());
}

TEST_F(bus_between, debug_is_routed_and_cut_to_the_range) {
  std::uint64_t value = 6;
  EXPECT_EQ(cpu.memory->transport_dbg(cpu.payload.write(0x10018, &value, 8)), 8u);
  EXPECT_EQ(high.bytes[0x1018], 6);
  unsigned char two[16] = {};
  EXPECT_EQ(cpu.memory->transport_dbg(cpu.payload.read(0x20ff8, two, 16)), 8u);
  EXPECT_EQ(cpu.memory->transport_dbg(cpu.payload.read(0x5000, two, 16)), 0u);
}

TEST_F(bus_between, an_invalidation_is_told_to_every_initiator_in_its_addresses) {
  high.take_back(0x1800, 0x18ff);
  const auto told = std::make_pair(std::uint64_t{0x10800}, std::uint64_t{0x108ff});
  ASSERT_EQ(cpu.invalidated.size(), 1u);
  ASSERT_EQ(other.invalidated.size(), 1u);
  EXPECT_EQ(cpu.invalidated[0], told);
  EXPECT_EQ(other.invalidated[0], told);
}

TEST_F(bus_between, an_invalidation_over_two_ranges_is_told_for_each) {
  high.take_back(0, ~std::uint64_t{0});
  ASSERT_EQ(cpu.invalidated.size(), 2u);
  EXPECT_EQ(cpu.invalidated[0], std::make_pair(std::uint64_t{0x10000}, std::uint64_t{0x10fff}));
  EXPECT_EQ(cpu.invalidated[1], std::make_pair(std::uint64_t{0x20000}, std::uint64_t{0x20fff}));
}

TEST(bus, ranges_that_overlap_or_end_before_they_start_are_an_input_error) {
  EXPECT_THROW(bus("a", bus_config{ns(0), {{0, 10, 0, 0}, {10, 20, 1, 0}}}), input_error);
  EXPECT_THROW(bus("b", bus_config{ns(0), {{10, 5, 0, 0}}}), input_error);
  EXPECT_THROW(bus("c", bus_config{ns(0), {}}), input_error);
}

}  // namespace
}  // namespace nestwalk::memory
