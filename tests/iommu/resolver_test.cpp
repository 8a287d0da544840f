// The timed walk of device tables over its caches.
#define SC_INCLUDE_DYNAMIC_PROCESSES  // for sc_spawn
#include <gtest/gtest.h>

#include "nestwalk/iommu/device_resolver.h"
#include "paging/device_table_world.h"
#include "support/test_memory.h"

namespace nestwalk::iommu {
namespace {

using paging::vtd::reason;
using paging::vtd::request;
using test::device_table_world;
using test::everything;
using world = device_table_world;

struct resolving_unit : sc_core::sc_module, private protocol::blocking_initiator {
  explicit resolving_unit(const world& w, const device_resolver_config& c = {},
                          const sc_core::sc_module_name& name = "unit")
      : sc_module(name), tables(paging::vtd::device_tables::of(everything(), scalable)), resolver(socket, c) {
    socket.bind(static_cast<protocol::memory_backward&>(*this));
    socket.bind(memory.socket);
    for (const auto& [at, qword] : w.qwords) memory.write(at, qword);
  }
  device_resolver::resolution resolve(const request& r) {
    start();
    delay = sc_core::SC_ZERO_TIME;
    return resolver.resolve(tables, r, delay);
  }

  void start() {
    if (!sc_core::sc_start_of_simulation_invoked()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  static constexpr std::uint64_t scalable = world::root_table | 1 << 10;
  protocol::memory_initiator_socket socket{"socket"};
  test::test_memory memory{"memory"};
  paging::vtd::device_tables tables;
  device_resolver resolver;
  sc_core::sc_time delay;
};

request with_pasid(std::uint32_t pasid = world::pasid) {
  request r;
  r.source = world::source;
  r.has_pasid = true;
  r.pasid = pasid;
  return r;
}

TEST(device_resolver, a_cold_scalable_walk_is_four_reads_and_takes_their_time) {
  device_resolver_config c;
  c.cycles_per_entry = 2;
  c.context_cache.latency_cycles = 3;
  resolving_unit u(world::scalable(), c);
  const auto found = u.resolve(with_pasid());
  EXPECT_EQ(found.why, reason::none);
  EXPECT_EQ(found.assigned.domain, 0x77);
  EXPECT_EQ(u.memory.calls, 4u);
  EXPECT_EQ(u.delay, sc_core::sc_time(3 + 4 * (2 + 10), sc_core::SC_NS));
}

TEST(device_resolver, a_second_request_reads_nothing) {
  resolving_unit u(world::scalable());
  u.resolve(with_pasid());
  EXPECT_TRUE(u.resolve(with_pasid()).from_cache);
  EXPECT_EQ(u.memory.calls, 4u);
  EXPECT_EQ(u.resolver.contexts().counts().hits, 1u);
  EXPECT_EQ(u.resolver.pasids().counts().hits, 1u);
}

TEST(device_resolver, another_pasid_of_the_device_begins_below_the_context_entry) {
  resolving_unit u(world::scalable());
  u.resolve(with_pasid());
  u.resolve(with_pasid(9));
  EXPECT_EQ(u.memory.calls, 6u);
}

TEST(device_resolver, a_fault_below_something_kept_is_walked_again_from_the_root) {
  resolving_unit u(world::scalable());
  u.resolve(with_pasid());
  const auto found = u.resolve(with_pasid(6));  // not present
  EXPECT_EQ(found.why, reason::sm_pasid_entry_not_present);
  EXPECT_EQ(u.resolver.counts().rewalks, 1u);
  EXPECT_EQ(u.memory.calls, 4u + 2u + 4u);
}

TEST(device_resolver, an_entry_that_became_present_is_seen_at_once) {
  resolving_unit u(world::scalable());
  EXPECT_EQ(u.resolve(with_pasid(6)).why, reason::sm_pasid_entry_not_present);
  for (unsigned i = 0; i < 8; ++i)
    u.memory.write(world::pasid_at(6) + i * 8, u.memory.read(world::pasid_at(5) + i * 8));
  EXPECT_EQ(u.resolve(with_pasid(6)).why, reason::none);
}

TEST(device_resolver, a_kept_entry_is_used_until_it_is_invalidated) {
  resolving_unit u(world::scalable());
  u.resolve(with_pasid());
  u.memory.write(world::pasid_at(world::pasid) + 8, 0x99);
  EXPECT_EQ(u.resolve(with_pasid()).assigned.domain, 0x77);
  const std::uint64_t before = u.resolver.generation();
  u.resolver.drop(paging::vtd::pasid_selector{paging::vtd::pasid_granularity::domain, 0x77, 0});
  EXPECT_NE(u.resolver.generation(), before);
  EXPECT_EQ(u.resolve(with_pasid()).assigned.domain, 0x99);
}

// A walk below a kept context entry, while memory waits and the context cache is invalidated.
TEST(device_resolver, an_answer_that_an_invalidation_overtook_is_not_one_to_keep) {
  resolving_unit u(world::scalable());
  u.resolve(with_pasid());
  u.memory.waits = true;
  device_resolver::resolution overtaken;
  device_resolver::resolution alone;
  sc_core::sc_spawn([&] {
    sc_core::sc_time delay;
    overtaken = u.resolver.resolve(u.tables, with_pasid(9), delay);
    u.resolver.resolve(u.tables, with_pasid(), delay);
    u.resolver.drop(paging::vtd::pasid_selector{});
    alone = u.resolver.resolve(u.tables, with_pasid(9), delay);
  });
  sc_core::sc_spawn([&] {
    sc_core::wait(15, sc_core::SC_NS);
    u.resolver.drop(paging::vtd::context_selector{});
  });
  sc_core::sc_start();
  EXPECT_EQ(overtaken.why, reason::none);
  EXPECT_FALSE(overtaken.kept);
  EXPECT_TRUE(alone.kept);
}

TEST(device_resolver, looking_reads_by_debug_and_leaves_nothing) {
  resolving_unit u(world::scalable());
  u.start();
  EXPECT_EQ(u.resolver.look(u.tables, with_pasid()).assigned.domain, 0x77);
  EXPECT_EQ(u.memory.calls, 0u);
  EXPECT_FALSE(u.resolve(with_pasid()).from_cache);
}

TEST(device_resolver, memory_errors_are_the_entrys_fault) {
  resolving_unit u(world::scalable());
  u.memory.fail(world::pasid_at(world::pasid), world::pasid_at(world::pasid) + 63);
  EXPECT_EQ(u.resolve(with_pasid()).why, reason::sm_pasid_entry_unreadable);
  u.memory.mend();
  EXPECT_EQ(u.resolve(with_pasid()).why, reason::none);
}

}  // namespace
}  // namespace nestwalk::iommu
