// Three caches, a bus and the dram together, against a reference memory and with the filters off.
#include <random>

#include <gtest/gtest.h>

#include "nestwalk/memory/bus.h"
#include "nestwalk/memory/cache.h"
#include "nestwalk/memory/dram.h"
#include "nestwalk/statistics/group.h"
#include "support.h"

namespace nestwalk::memory {
namespace {

using protocol::memory_level;
using test::bind_watched;
using test::elaborate;
using test::ns;

/// Small caches under one core, so that everything is displaced often; a walker enters at l2.
class machine {
 public:
  machine(const std::string& name, bool filter)
      : cpu((name + "_cpu").c_str()),
        walker((name + "_walker").c_str()),
        l1((name + "_l1").c_str(), level(512, 2, 1, memory_level::l1, filter)),
        l2((name + "_l2").c_str(), level(2048, 4, 4, memory_level::l2, filter)),
        llc((name + "_llc").c_str(), level(3 * 2048, 3, 12, memory_level::llc, filter)),
        router((name + "_bus").c_str(), bus_config{ns(2), {bus_range{}}}),
        memory((name + "_dram").c_str(), dram_config{}) {
    bind_watched(cpu.memory, l1.cpu_side);
    bind_watched(walker.memory, l2.cpu_side);
    bind_watched(l1.memory_side, l2.cpu_side);
    bind_watched(l2.memory_side, llc.cpu_side);
    bind_watched(llc.memory_side, router.cpu_side);
    bind_watched(router.memory_side[0], memory.cpu_side);
    l1.describe(statistics.child("l1"));
    l2.describe(statistics.child("l2"));
    llc.describe(statistics.child("llc"));
    router.describe(statistics.child("bus"));
    memory.describe(statistics.child("dram"));
  }

  test::initiator cpu;
  test::initiator walker;
  cache l1;
  cache l2;
  cache llc;
  bus router;
  dram memory;
  statistics::group statistics;

 private:
  static cache_config level(std::uint64_t size, unsigned ways, std::uint64_t latency, memory_level name, bool filter) {
    cache_config c;
    c.size = size;
    c.ways = ways;
    c.latency_cycles = latency;
    c.level = name;
    c.filter = filter;
    return c;
  }
};

/// Random reads, writes and exchanges of all lengths in 16 KiB, with a hot part; gives the total time.
class random_accesses {
 public:
  explicit random_accesses(unsigned seed) : random_(seed), reference_(footprint) {}

  sc_core::sc_time run(machine& m, unsigned count) {
    sc_core::sc_time now;
    for (unsigned i = 0; i < count; ++i) now += one(draw() % 4 == 0 ? m.walker : m.cpu, now);
    return now;
  }

 private:
  static constexpr unsigned footprint = 16384;

  unsigned draw() { return static_cast<unsigned>(random_()); }

  sc_core::sc_time one(test::initiator& from, const sc_core::sc_time& at) {
    const unsigned kind = draw() % 8;
    const unsigned span = draw() % 2 == 0 ? 256 : footprint - 200;
    unsigned length = draw() % 8 == 0 ? 1 + draw() % 200 : 1u << draw() % 4;
    std::uint64_t address = draw() % span;
    if (kind == 0) {
      length = 8;
      address &= ~std::uint64_t{7};
      return exchange(from, address, at);
    }
    unsigned char data[200] = {};
    if (kind < 4) {
      for (unsigned i = 0; i < length; ++i) reference_[address + i] = data[i] = static_cast<unsigned char>(draw());
      const auto time = from.send(from.payload.write(address, data, length), at);
      EXPECT_TRUE(from.payload.ok());
      return time;
    }
    const auto time = from.send(from.payload.read(address, data, length), at);
    EXPECT_TRUE(from.payload.ok());
    EXPECT_EQ(0, std::memcmp(data, &reference_[address], length)) << address << " " << length;
    return time;
  }

  sc_core::sc_time exchange(test::initiator& from, std::uint64_t address, const sc_core::sc_time& at) {
    std::uint64_t was = 0;
    std::memcpy(&was, &reference_[address], 8);
    const bool match = draw() % 2 == 0;
    const std::uint64_t desired = draw();
    const auto time = from.exchange(address, match ? was : was + 1, desired, at);
    EXPECT_TRUE(from.payload.exchange().performed);
    EXPECT_EQ(from.payload.exchange().swapped, match);
    EXPECT_EQ(from.data, was);
    if (match) std::memcpy(&reference_[address], &desired, 8);
    return time;
  }

  std::mt19937 random_;
  std::vector<unsigned char> reference_;
};

TEST(hierarchy, every_read_gives_what_was_written_last) {
  const unsigned seed = 20240607;
  SCOPED_TRACE("seed " + std::to_string(seed));
  machine m("m", true);
  elaborate();
  random_accesses(seed).run(m, 20000);
  EXPECT_GT(m.llc.counts().write_backs, 0u);
}

TEST(hierarchy, counters_and_times_are_equal_without_the_filter) {
  const unsigned seed = 424242;
  SCOPED_TRACE("seed " + std::to_string(seed));
  machine with("with", true);
  machine without("without", false);
  elaborate();
  EXPECT_EQ(random_accesses(seed).run(with, 20000), random_accesses(seed).run(without, 20000));
  std::map<std::string, double> counted;
  with.statistics.visit([&](const std::string& path, const statistics::leaf&) {
    counted[path] = with.statistics.value(path);
    EXPECT_EQ(counted[path], without.statistics.value(path)) << path;
  });
  EXPECT_GT(counted.at("l1.read_hits"), 1000);
  EXPECT_GT(counted.at("llc.write_back_hits"), 0);
}

TEST(hierarchy, served_by_names_the_level_that_had_the_line) {
  machine m("m", true);
  elaborate();
  m.cpu.read(0);
  EXPECT_EQ(m.cpu.served_by(), memory_level::dram);
  m.cpu.read(0);
  EXPECT_EQ(m.cpu.served_by(), memory_level::l1);
  m.walker.read(4096);
  EXPECT_EQ(m.walker.served_by(), memory_level::dram);
  m.cpu.read(4096);
  EXPECT_EQ(m.cpu.served_by(), memory_level::l2);
  for (std::uint64_t n = 1; n <= 4; ++n) m.walker.read(4096 + 512 * n);  // one set of l2, another of llc or the same
  m.cpu.read(4096 + 512);
  m.cpu.read(4096 + 1024);
  m.cpu.read(4096);
  EXPECT_EQ(m.cpu.served_by(), memory_level::llc);
}

TEST(hierarchy, a_cold_read_takes_every_level_the_bus_and_a_closed_row) {
  machine m("m", true);
  elaborate();
  EXPECT_EQ(m.cpu.read(0), ns(1 + 4 + 12 + 2 + 31.5));
}

TEST(hierarchy, the_level_served_across_lines_is_the_farther_one) {
  machine m("m", true);
  elaborate();
  m.cpu.read(0);
  m.cpu.read(60);
  EXPECT_EQ(m.cpu.served_by(), memory_level::dram) << "the second line was missing";
  m.cpu.read(256);
  m.cpu.read(252);
  EXPECT_EQ(m.cpu.served_by(), memory_level::dram) << "the first line was missing";
}

}  // namespace
}  // namespace nestwalk::memory
