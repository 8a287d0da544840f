// The parts of the memory system before initiators that speak the base protocol's phases or have wide sockets.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <gtest/gtest.h>
#include <systemc>
#include <tlm>

#include "nestwalk/memory/bus.h"
#include "nestwalk/memory/cache.h"
#include "nestwalk/memory/dram.h"
#include "nestwalk/memory/line_adapter.h"
#include "support/at_initiator.h"

namespace nestwalk::memory {
namespace {

TEST(binding, every_part_serves_non_blocking_calls) {
  test::at_initiator of_adapter("of_adapter"), of_cache("of_cache"), of_bus("of_bus"), of_dram("of_dram");
  line_adapter adapter("adapter", 64);
  cache level("cache", {});
  bus between("bus", {});
  dram store("dram", {});
  of_adapter.socket.bind(adapter.cpu_side);
  of_cache.socket.bind(level.cpu_side);
  of_bus.socket.bind(between.cpu_side);
  of_dram.socket.bind(store.cpu_side);
  adapter.memory_side.bind(level.cpu_side);
  level.memory_side.bind(between.cpu_side);
  between.memory_side[0].bind(store.cpu_side);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::uint64_t word = 42;
  auto& written = of_dram.begin(tlm::TLM_WRITE_COMMAND, 0x40, &word);
  sc_core::sc_start(1, sc_core::SC_US);
  EXPECT_TRUE(written.is_response_ok());
  written.release();
  for (test::at_initiator* const each : {&of_adapter, &of_cache, &of_bus, &of_dram}) {
    std::uint64_t read = 0;
    auto& p = each->begin(tlm::TLM_READ_COMMAND, 0x40, &read);
    sc_core::sc_start(10, sc_core::SC_US);
    EXPECT_TRUE(p.is_response_ok()) << each->name();
    EXPECT_EQ(read, 42u) << each->name();
    p.release();
  }
}

}  // namespace
}  // namespace nestwalk::memory
