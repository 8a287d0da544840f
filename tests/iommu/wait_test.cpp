// What a wait descriptor waits for, in memory that waits: every write that began before it.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <memory>

#include <gtest/gtest.h>

#include "iommu/remapping_machine.h"

namespace nestwalk::iommu {
namespace {

using test::remapping_machine;
using test::translation_shape;
using asked = remapping_machine::asked;
namespace p = paging::vtd::pasid_entry;

constexpr std::uint16_t device = 0x0113;
constexpr std::uint16_t other_device = 0x0218;
constexpr std::uint64_t address = 0x4020'1000;
constexpr std::uint64_t host_page = 0x5000;
constexpr std::uint64_t status_at = 0x9000;
constexpr std::uint64_t interrupts_at = 0xfee0'0000;
constexpr std::uint64_t status_wait = std::uint64_t{7} << 32 | 0x25;
constexpr std::uint64_t interrupting_wait = 0x15;

const sc_core::sc_time soon(100, sc_core::SC_NS);

class wait_in_memory_that_waits : public testing::Test {
 protected:
  wait_in_memory_that_waits() : m(remapping_machine::configuration({device, other_device})) {
    shape.pgtt = p::second_stage;
    shape.low_bits = p::ssade;
    shape.second_root = m.tables.frame();
    for (const std::uint16_t each : {device, other_device}) {
      m.put_context(each);
      m.put_pasid(each, 0, shape);
    }
    m.map_second(shape, address, host_page);
    for (const std::uint32_t event : {0x38U, 0xa0U}) {
      m.set(event + 4, 4, event == 0x38 ? 0x41 : 0x42);
      m.set(event + 8, 4, interrupts_at + event);
      m.set(event, 4, 0);
    }
    m.enable(true);
    m.start_queue();
    m.inside_process = true;
    m.memory.latency = soon;
    m.memory.slow_from = interrupts_at;
    m.memory.slow_latency = sc_core::sc_time(50, sc_core::SC_US);
    m.memory.waits = true;
  }

  // Makes a request in a process of its own, and keeps when it ended.
  void ask(std::uint16_t source, const asked& a) {
    sc_core::sc_spawn([this, source, a] {
      const auto payload = std::make_unique<protocol::owned_payload>();
      std::uint64_t data = 0x77;
      m.request(source, a, *payload, data);
      ended = sc_core::sc_time_stamp();
    });
  }
  // Invalidates and waits after `delay`; keeps when the head had passed.
  void wait_after(const sc_core::sc_time& delay, std::uint64_t low = status_wait) {
    sc_core::sc_spawn([this, delay, low] {
      sc_core::wait(delay);
      m.submit(0x12);
      m.submit(low, status_at);
      while (m.get(0x80, 8) != m.tail) sc_core::wait(sc_core::sc_time(10, sc_core::SC_NS));
      completed = sc_core::sc_time_stamp();
    });
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  }

  // What `look` finds at the time when the status of a wait is written.
  template <class Look>
  std::uint64_t when_status_is_written(const Look& look) {
    std::uint64_t found = 0;
    sc_core::sc_spawn([&] {
      while (m.memory.read(status_at, 4) == 0) sc_core::wait(sc_core::sc_time(10, sc_core::SC_NS));
      found = look();
    });
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
    EXPECT_EQ(m.memory.read(status_at, 4), 7u);
    return found;
  }

  remapping_machine m;
  translation_shape shape;
  sc_core::sc_time ended;
  sc_core::sc_time completed;
};

TEST_F(wait_in_memory_that_waits, ends_after_a_write_that_is_translated) {
  asked a;
  a.address = address;
  a.write = true;
  ask(device, a);
  wait_after(soon);
  EXPECT_EQ(m.memory.read(host_page), 0x77u);
  EXPECT_GT(ended, sc_core::SC_ZERO_TIME);
  EXPECT_GE(completed, ended);
}

TEST_F(wait_in_memory_that_waits, ends_after_an_interrupt_of_a_device) {
  asked a;
  a.address = interrupts_at + 0x1000;
  a.write = true;
  a.length = 4;
  ask(device, a);
  wait_after(soon);
  EXPECT_EQ(m.memory.read(a.address, 4), 0x77u);
  EXPECT_GE(ended, m.memory.slow_latency);
  EXPECT_GE(completed, ended);
}

TEST_F(wait_in_memory_that_waits, ends_after_the_message_of_an_earlier_fault) {
  asked a;
  a.address = address + 0x1000;
  ask(device, a);
  sc_core::sc_spawn([this] {
    while (ended == sc_core::SC_ZERO_TIME) sc_core::wait(soon);
    sc_core::wait(soon);
    EXPECT_NE(m.get(0x34, 4), 0u);
    m.submit(status_wait, status_at);
  });
  EXPECT_EQ(when_status_is_written([this] { return m.memory.read(interrupts_at + 0x38, 4); }), 0x41u);
}

TEST_F(wait_in_memory_that_waits, sends_its_interrupt_once_its_status_is_written) {
  m.memory.keeps_transfers = true;
  wait_after(soon, status_wait | interrupting_wait);
  EXPECT_EQ(m.memory.read(interrupts_at + 0xa0, 4), 0x42u);
  ASSERT_GE(m.memory.transfers.size(), 2u);
  EXPECT_EQ(m.memory.transfers[m.memory.transfers.size() - 2].address, status_at);
  EXPECT_EQ(m.memory.transfers.back().address, interrupts_at + 0xa0);
}

TEST_F(wait_in_memory_that_waits, ends_after_the_interrupt_of_the_wait_before) {
  sc_core::sc_spawn([this] {
    sc_core::wait(soon);
    m.submit(interrupting_wait);
    m.submit(status_wait, status_at);
  });
  EXPECT_EQ(when_status_is_written([this] { return m.memory.read(interrupts_at + 0xa0, 4); }), 0x42u);
}

// Requests that begin after the invalidation neither use what it took nor hold up the wait.
TEST_F(wait_in_memory_that_waits, ends_though_requests_keep_coming_and_they_see_the_new_tables) {
  constexpr std::uint64_t new_page = 0x6000;
  m.memory.write(host_page, 1);
  m.memory.write(new_page, 2);
  bool invalidated = false;
  unsigned old_after = 0;
  unsigned after = 0;
  for (const std::uint16_t source : {device, other_device})
    sc_core::sc_spawn([&, source] {
      const auto payload = std::make_unique<protocol::owned_payload>();
      for (unsigned n = 0; n < 40; ++n) {
        asked a;
        a.address = address;
        std::uint64_t data = 0;
        const bool began_after = invalidated;
        EXPECT_TRUE(m.request(source, a, *payload, data));
        if (began_after) ++after;
        if (began_after && data != 2) ++old_after;
      }
    });
  sc_core::sc_spawn([&] {
    sc_core::wait(sc_core::sc_time(3, sc_core::SC_US));
    m.map_second(shape, address, new_page);
    m.submit(0x12);
    m.submit(status_wait, status_at);
    while (m.memory.read(status_at, 4) == 0) sc_core::wait(sc_core::sc_time(10, sc_core::SC_NS));
    invalidated = true;
  });
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  EXPECT_TRUE(invalidated);
  EXPECT_GT(after, 10u);
  EXPECT_EQ(old_after, 0u);
}

}  // namespace
}  // namespace nestwalk::iommu
