// What the fast paths of dram and bus answer is what their general ones do. (hierarchy_test.cpp has the cache's.)
#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "nestwalk/memory/bus.h"
#include "nestwalk/memory/cache.h"
#include "nestwalk/memory/dram.h"
#include "nestwalk/protocol/access_way.h"
#include "support.h"

namespace nestwalk::memory {
namespace {

using test::elaborate;
using test::ns;

constexpr unsigned seed = 20090;
constexpr std::uint64_t mib = 1 << 20;

/// All that an initiator sees of an access.
auto seen(test::initiator& by, sc_core::sc_time took) {
  return std::tuple(took, by.data, by.status(), by.served_by(), by.payload.current().is_dmi_allowed());
}

dram_config of_5_mib() {
  dram_config c;
  c.size = 5 * mib;
  return c;
}

/// A dram and who reads qwords of it: with an extension beside ours, of which a fast path knows nothing, or without.
struct reader {
  reader(const std::string& name, bool general)
      : cpu((name + "_cpu").c_str()), memory((name + "_dram").c_str(), of_5_mib()), general(general) {
    cpu.memory.bind(memory.cpu_side);
  }
  auto read(std::uint64_t address, sc_core::sc_time at) {
    cpu.data = 0;
    tlm::tlm_generic_payload& payload = cpu.payload.read(address, &cpu.data, 8);
    cpu.payload.access().only_extension = !general;
    return seen(cpu, cpu.send(payload, at));
  }
  test::initiator cpu;
  dram memory;
  bool general;
};

TEST(fast_path, of_the_dram_answers_as_the_general_one) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  reader fast("fast", false), general("general", true);
  elaborate();
  sc_core::sc_time now;
  for (unsigned i = 0; i < 20000; ++i) {
    // The middle one of three chunks is written to only late; every eighth address is not aligned, some are beyond.
    std::uint64_t address = random() % (5 * mib + 256);
    if (i % 8 != 0) address &= ~std::uint64_t{7};
    if (i % 3 == 0 && (i > 10000 || (address >> 21) != 1)) {
      const std::uint64_t value = random();
      fast.cpu.write(address, value, now);
      general.cpu.write(address, value, now);
    }
    ASSERT_EQ(fast.read(address, now), general.read(address, now)) << "address " << address << ", access " << i;
    now += ns(static_cast<double>(random() % 40));
  }
  EXPECT_EQ(fast.memory.counts().reads, general.memory.counts().reads);
  EXPECT_EQ(fast.memory.counts().errors, general.memory.counts().errors);
  EXPECT_EQ(fast.memory.row_counts().bursts, general.memory.row_counts().bursts);
  EXPECT_EQ(fast.memory.row_counts().delayed, general.memory.row_counts().delayed);
}

/// Two targets with the bus's addresses, [0, 4K) and [8K, 12K), and a third that has addresses of its own.
struct routed {
  explicit routed(const std::string& name)
      : cpu((name + "_cpu").c_str()),
        router((name + "_bus").c_str(),
               bus_config{ns(2), {{0, 0xfff, 0, 0}, {0x2000, 0x2fff, 1, 0x2000}, {0x4000, 0x4fff, 2, 0}}}),
        low((name + "_low").c_str(), 0x1000),
        high((name + "_high").c_str(), 0x3000),
        moved((name + "_moved").c_str(), 0x1000) {
    cpu.memory.bind(router.cpu_side);
    router.memory_side[0].bind(low.cpu_side);
    router.memory_side[1].bind(high.cpu_side);
    router.memory_side[2].bind(moved.cpu_side);
  }
  auto access(std::uint64_t address, bool write, std::uint64_t value) {
    cpu.data = 0;
    return seen(cpu, write ? cpu.write(address, value) : cpu.read(address));
  }
  test::initiator cpu;
  bus router;
  test::plain_target low, high, moved;
};

TEST(fast_path, of_the_bus_answers_as_the_general_one) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  routed fast("fast"), general("general");
  elaborate();
  std::uint64_t diverted = 0;
  for (unsigned i = 0; i < 20000; ++i) {
    // Runs of accesses to one range, and its ends in particular.
    const std::uint64_t base = (i / 16 % 4) * 0x2000;
    const std::uint64_t address = base + (i % 4 == 0 ? 0xff0 + random() % 32 : random() % 0x1000);
    // An access to another range, before each, leaves no range to go straight on to.
    general.cpu.read(base == 0 ? 0x2000 : 0);
    ++diverted;
    const bool write = i % 3 == 0;
    const std::uint64_t value = random();
    ASSERT_EQ(fast.access(address, write, value), general.access(address, write, value))
        << "address " << address << ", access " << i;
  }
  EXPECT_EQ(fast.router.counts().transfers + diverted, general.router.counts().transfers);
  EXPECT_EQ(fast.router.counts().errors, general.router.counts().errors);
  EXPECT_EQ(fast.low.bytes, general.low.bytes);
  EXPECT_EQ(fast.high.bytes, general.high.bytes);
  EXPECT_EQ(fast.moved.bytes, general.moved.bytes);
}

/// A cache behind a bus and over a dram, and who calls with the access extension beside the payload, or without.
struct cached {
  cached(const std::string& name, bool at_hand)
      : cpu((name + "_cpu").c_str()),
        l1((name + "_l1").c_str(), small()),
        router((name + "_bus").c_str(), bus_config{ns(2), {bus_range{}}}),
        memory((name + "_dram").c_str(), of_5_mib()),
        at_hand(at_hand) {
    cpu.memory.bind(router.cpu_side);
    router.memory_side[0].bind(l1.cpu_side);
    l1.memory_side.bind(memory.cpu_side);
  }
  static cache_config small() {
    cache_config c;
    c.size = 1024;
    c.ways = 2;
    c.level = protocol::memory_level::l1;
    return c;
  }
  void elaborated() { way.lead_to(cpu.memory); }
  auto send(tlm::tlm_generic_payload& payload) {
    sc_core::sc_time delay;
    if (at_hand)
      way.transport(payload, payload.get_extension<protocol::access_extension>(), delay);
    else
      cpu.memory->b_transport(payload, delay);
    return seen(cpu, delay);
  }
  test::initiator cpu;
  cache l1;
  bus router;
  dram memory;
  protocol::access_way way;
  bool at_hand;
};

TEST(fast_path, with_the_extension_at_hand_answers_as_the_one_that_looks_for_it) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  cached fast("fast", true), general("general", false);
  elaborate();
  fast.elaborated();
  general.elaborated();
  const auto both = [&](const auto& make) {
    const auto by_fast = fast.send(make(fast.cpu));
    return std::pair(by_fast, general.send(make(general.cpu)));
  };
  for (unsigned i = 0; i < 20000; ++i) {
    const std::uint64_t address = random() % (i % 50 == 0 ? 6 * mib : 4096);
    const unsigned length = 1 + static_cast<unsigned>(random() % 8);
    const std::uint64_t value = random();
    const unsigned what = static_cast<unsigned>(random() % 4);
    const auto [by_fast, by_general] = both([&](test::initiator& cpu) -> tlm::tlm_generic_payload& {
      cpu.data = what == 1 ? value : 0;
      if (what == 0) return cpu.payload.exchange(address & ~std::uint64_t{7}, &cpu.data, 8, 0, value);
      return what == 1 ? cpu.payload.write(address, &cpu.data, length) : cpu.payload.read(address, &cpu.data, length);
    });
    ASSERT_EQ(by_fast, by_general) << "access " << i << " at " << address;
    ASSERT_EQ(fast.cpu.served_by() != protocol::memory_level::none, fast.cpu.payload.ok());
  }
  EXPECT_EQ(fast.l1.counts().read_hits, general.l1.counts().read_hits);
  EXPECT_EQ(fast.l1.counts().write_backs, general.l1.counts().write_backs);
  EXPECT_EQ(fast.l1.counts().exchanges, general.l1.counts().exchanges);
  EXPECT_EQ(fast.router.counts().transfers, general.router.counts().transfers);
  EXPECT_EQ(fast.memory.counts().reads, general.memory.counts().reads);
}

}  // namespace
}  // namespace nestwalk::memory
