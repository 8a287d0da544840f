// A memory that takes whole lines alone, behind the adapter for it.
#include "nestwalk/memory/line_adapter.h"

#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "support.h"
#include "support/test_memory.h"

namespace nestwalk::memory {
namespace {

constexpr unsigned line = 64;

/// Refuses what is no whole aligned line.
class line_memory : public sc_core::sc_module, private protocol::blocking_target, private protocol::blocking_initiator {
 public:
  protocol::memory_target_socket socket{"socket"};
  protocol::memory_initiator_socket store{"store"};
  unsigned reads = 0;
  unsigned writes = 0;
  explicit line_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    store.bind(*this);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) override {
    EXPECT_EQ(p.get_data_length(), line);
    EXPECT_EQ(p.get_address() % line, 0u);
    EXPECT_EQ(p.get_byte_enable_ptr(), nullptr);
    ++(p.is_write() ? writes : reads);
    store->b_transport(p, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload& p) override { return store->transport_dbg(p); }
};

struct before_lines : testing::Test {
  test::initiator cpu{"cpu"};
  line_adapter adapter{"adapter", line};
  line_memory lines{"lines"};
  nestwalk::test::test_memory memory{"memory"};
  before_lines() {
    cpu.memory.bind(adapter.cpu_side);
    adapter.memory_side.bind(lines.socket);
    lines.store.bind(memory.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
};

TEST_F(before_lines, any_access_moves_the_bytes_that_it_should) {
  std::vector<unsigned char> expected(1024), in(200);
  std::mt19937_64 draw(3);
  for (unsigned i = 0; i < 2000; ++i) {
    const std::uint64_t at = draw() % 800;
    const auto length = static_cast<unsigned>(1 + draw() % 200);
    for (auto& b : in) b = static_cast<unsigned char>(draw());
    unsigned char enables[3] = {TLM_BYTE_ENABLED, static_cast<unsigned char>(draw() % 2 != 0 ? TLM_BYTE_ENABLED : 0),
                                0};
    auto& write = cpu.payload.write(at, in.data(), length);
    const bool some = draw() % 3 == 0;
    if (some) write.set_byte_enable_ptr(enables);
    if (some) write.set_byte_enable_length(3);
    cpu.send(write);
    ASSERT_TRUE(write.is_response_ok());
    write.set_byte_enable_ptr(nullptr);
    for (unsigned b = 0; b < length; ++b)
      if (!some || enables[b % 3] == TLM_BYTE_ENABLED) expected[at + b] = in[b];
    std::vector<unsigned char> out(expected.size());
    cpu.send(cpu.payload.read(0, out.data(), static_cast<unsigned>(out.size())));
    ASSERT_EQ(out, expected) << "at access " << i;
  }
}

TEST_F(before_lines, a_whole_line_is_written_without_being_read) {
  std::vector<unsigned char> bytes(2 * line, 7);
  cpu.send(cpu.payload.write(line, bytes.data(), 2 * line));
  EXPECT_EQ(lines.reads, 0u);
  EXPECT_EQ(lines.writes, 2u);
  cpu.write(line, 5);
  EXPECT_EQ(lines.reads, 1u);
  EXPECT_EQ(lines.writes, 3u);
}

TEST_F(before_lines, an_exchange_is_left_to_who_asked_for_it) {
  cpu.write(0, 1);
  cpu.exchange(0, 1, 2);
  EXPECT_FALSE(cpu.payload.exchange().performed);
  EXPECT_EQ(cpu.value_at(0), 1u);
}

TEST_F(before_lines, memory_that_fails_fails_the_access) {
  memory.fail(line, line);
  cpu.write(line - 4, 1);
  EXPECT_EQ(cpu.payload.current().get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(line_adapter, refuses_a_line_that_is_no_power_of_two) {
  EXPECT_THROW(line_adapter("adapter", 48), input_error);
}

}  // namespace
}  // namespace nestwalk::memory
