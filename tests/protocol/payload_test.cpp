// The payloads that modules reuse: one of their own, or one of a pool.
#include <gtest/gtest.h>

#include "nestwalk/protocol/address_guard.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/protocol/payload_pool.h"

namespace nestwalk::protocol {
namespace {

TEST(owned_payload, a_call_is_complete_and_unanswered) {
  owned_payload owned;
  std::uint64_t data = 0;
  const tlm::tlm_generic_payload& p = owned.write(0x1000, &data, 8);
  EXPECT_EQ(p.get_command(), tlm::TLM_WRITE_COMMAND);
  EXPECT_EQ(p.get_address(), 0x1000u);
  EXPECT_EQ(p.get_data_ptr(), reinterpret_cast<unsigned char*>(&data));
  EXPECT_EQ(p.get_data_length(), 8u);
  EXPECT_EQ(p.get_streaming_width(), 8u);
  EXPECT_EQ(p.get_byte_enable_ptr(), nullptr);
  EXPECT_EQ(p.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
  EXPECT_FALSE(p.is_dmi_allowed());
  EXPECT_EQ(p.get_extension<access_extension>(), &owned.access());
}

TEST(owned_payload, the_answers_of_the_call_before_are_gone) {
  owned_payload owned;
  std::uint64_t data = 0;
  tlm::tlm_generic_payload& p = owned.read(0, &data, 8);
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  p.set_dmi_allowed(true);
  owned.access().served_by = memory_level::llc;
  owned.read(8, &data, 8);
  EXPECT_EQ(p.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
  EXPECT_FALSE(p.is_dmi_allowed());
  EXPECT_EQ(owned.access().served_by, memory_level::none);
}

TEST(owned_payload, only_an_exchange_carries_the_exchange_extension) {
  owned_payload owned;
  std::uint64_t data = 0;
  EXPECT_EQ(owned.read(0, &data, 8).get_extension<exchange_extension>(), nullptr);
  auto* const exchange = owned.exchange(0, &data, 8, 1, 2).get_extension<exchange_extension>();
  ASSERT_NE(exchange, nullptr);
  EXPECT_EQ(exchange->expected, 1u);
  EXPECT_EQ(exchange->desired, 2u);
  exchange->performed = exchange->swapped = true;
  EXPECT_EQ(owned.write(0, &data, 8).get_extension<exchange_extension>(), nullptr);
  EXPECT_TRUE(owned.exchange().performed) << "the answer can be read until the next exchange";
  owned.exchange(0, &data, 8, 3, 4);
  EXPECT_FALSE(owned.exchange().performed);
}

TEST(payload_pool, a_released_payload_is_used_again) {
  payload_pool pool;
  tlm::tlm_generic_payload* first = nullptr;
  {
    const payload_lease lease(pool);
    first = &*lease;
    first->set_response_status(tlm::TLM_OK_RESPONSE);
    first->set_dmi_allowed(true);
  }
  const payload_lease lease(pool);
  EXPECT_EQ(&*lease, first);
  EXPECT_EQ((*lease).get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
  EXPECT_FALSE((*lease).is_dmi_allowed());
  EXPECT_EQ(pool.size(), 1u);
}

TEST(payload_pool, payloads_under_way_at_once_are_different_ones) {
  payload_pool pool;
  const payload_lease a(pool);
  const payload_lease b(pool);
  EXPECT_NE(&*a, &*b);
  EXPECT_EQ(pool.size(), 2u);
}

TEST(payload_pool, a_payload_that_someone_still_holds_is_not_used_again) {
  payload_pool pool;
  tlm::tlm_generic_payload* held = nullptr;
  {
    const payload_lease lease(pool);
    held = &*lease;
    held->acquire();
  }
  {
    const payload_lease lease(pool);
    EXPECT_NE(&*lease, held);
  }
  held->release();
  const payload_lease lease(pool);
  EXPECT_EQ(&*lease, held);
}

TEST(payload_pool, what_a_payload_always_carries_stays_and_auto_extensions_go) {
  payload_pool pool(
      [](tlm::tlm_generic_payload& p) { p.set_extension(std::make_unique<access_extension>().release()); });
  {
    const payload_lease lease(pool);
    EXPECT_NE((*lease).get_extension<access_extension>(), nullptr);
    (*lease).set_auto_extension(std::make_unique<exchange_extension>().release());
  }
  const payload_lease lease(pool);
  EXPECT_NE((*lease).get_extension<access_extension>(), nullptr);
  EXPECT_EQ((*lease).get_extension<exchange_extension>(), nullptr);
}

TEST(address_guard, the_address_is_restored_whatever_happens) {
  tlm::tlm_generic_payload p;
  p.set_address(1);
  try {
    const address_guard guard(p, 2);
    EXPECT_EQ(p.get_address(), 2u);
    throw 0;
  } catch (int) {
  }
  EXPECT_EQ(p.get_address(), 1u);
}

}  // namespace
}  // namespace nestwalk::protocol
