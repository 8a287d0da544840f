// The adapters between blocking and non-blocking transport, and between widths, with modules of others around them.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "nestwalk/protocol/from_non_blocking.h"
#include "nestwalk/protocol/payload_pool.h"
#include "nestwalk/protocol/to_non_blocking.h"
#include "nestwalk/protocol/width_adapter.h"
#include "support/at_initiator.h"
#include "support/test_memory.h"

namespace nestwalk::protocol {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

sc_time ns(double n) {
  return {n, SC_NS};
}

using test::at_initiator;

struct at_machine {
  at_initiator cpu{"cpu"};
  from_non_blocking adapter{"adapter"};
  test::test_memory memory{"memory"};
  at_machine() {
    cpu.socket.bind(adapter.cpu_side);
    adapter.memory_side.bind(memory.socket);
  }
};

TEST(from_non_blocking, a_request_goes_through_its_four_phases) {
  at_machine m;
  m.memory.write(0x40, 77);
  std::uint64_t value = 0;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  auto& p = m.cpu.begin(tlm::TLM_READ_COMMAND, 0x40, &value, ns(3));
  sc_core::sc_start(ns(100));
  EXPECT_EQ(m.cpu.phases, (std::vector<std::string>{"END_REQ 64 at 3 ns", "BEGIN_RESP 64 at 13 ns"}));
  EXPECT_TRUE(p.is_response_ok());
  EXPECT_EQ(value, 77u);
  EXPECT_EQ(p.get_ref_count(), 1) << "the adapter has given it back";
  p.release();
}

TEST(from_non_blocking, the_second_waits_its_turn_while_one_is_under_way) {
  at_machine m;
  std::uint64_t first = 1, second = 2;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  auto& a = m.cpu.begin(tlm::TLM_WRITE_COMMAND, 0x40, &first);
  auto& b = m.cpu.begin(tlm::TLM_WRITE_COMMAND, 0x80, &second);
  sc_core::sc_start(ns(100));
  EXPECT_EQ(m.cpu.phases, (std::vector<std::string>{"END_REQ 64 at 0 s", "BEGIN_RESP 64 at 10 ns",
                                                    "END_REQ 128 at 12 ns", "BEGIN_RESP 128 at 22 ns"}));
  EXPECT_EQ(m.memory.read(0x40), 1u);
  EXPECT_EQ(m.memory.read(0x80), 2u);
  a.release();
  b.release();
}

TEST(from_non_blocking, a_response_may_be_ended_in_the_return_path) {
  at_machine m;
  m.cpu.ends_at_once = true;
  std::uint64_t value = 1;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  auto& a = m.cpu.begin(tlm::TLM_WRITE_COMMAND, 0x40, &value);
  auto& b = m.cpu.begin(tlm::TLM_WRITE_COMMAND, 0x80, &value);
  sc_core::sc_start(ns(100));
  EXPECT_EQ(m.cpu.phases.back(), "BEGIN_RESP 128 at 20 ns");
  a.release();
  b.release();
}

TEST(from_non_blocking, a_request_that_is_due_earlier_goes_first) {
  at_machine m;
  std::uint64_t value = 1;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  auto& late = m.cpu.begin(tlm::TLM_WRITE_COMMAND, 0x40, &value, ns(50));
  auto& early = m.cpu.begin(tlm::TLM_WRITE_COMMAND, 0x80, &value, ns(5));
  sc_core::sc_start(ns(200));
  EXPECT_EQ(m.cpu.phases.front(), "END_REQ 128 at 5 ns");
  EXPECT_EQ(m.cpu.phases.back(), "BEGIN_RESP 64 at 60 ns");
  late.release();
  early.release();
}

/// A memory that only speaks non-blocking transport, in a form that the test chooses.
class at_memory : public sc_core::sc_module {
 public:
  enum class form { four_phases, two_phases, completed };
  tlm::tlm_target_socket<32> socket{"socket"};
  form answers = form::four_phases;
  std::uint64_t word = 0;
  unsigned under_way = 0;
  unsigned most_under_way = 0;
  unsigned ended = 0;

  explicit at_memory(const sc_core::sc_module_name& name) : sc_module(name), calls_(*this) { socket.bind(calls_); }

 private:
  struct calls : memory_forward {
    explicit calls(at_memory& owner) : owner(owner) {}
    at_memory& owner;
    void b_transport(tlm::tlm_generic_payload&, sc_time&) override { ADD_FAILURE() << "it only speaks AT"; }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase, sc_time& delay) override {
      return owner.call(p, phase, delay);
    }
  };
  void perform(tlm::tlm_generic_payload& p) {
    if (p.is_write())
      std::memcpy(&word, p.get_data_ptr(), 8);
    else
      std::memcpy(p.get_data_ptr(), &word, 8);
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  tlm::tlm_sync_enum call(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase, sc_time& delay) {
    if (phase == tlm::END_RESP) {
      ++ended;
      --under_way;
      return tlm::TLM_COMPLETED;
    }
    EXPECT_EQ(phase, tlm::BEGIN_REQ);
    EXPECT_TRUE(p.has_mm());
    if (answers == form::completed) {
      perform(p);
      delay += ns(7);
      return tlm::TLM_COMPLETED;
    }
    most_under_way = std::max(most_under_way, ++under_way);
    sc_core::sc_spawn([this, &p] {
      tlm::tlm_phase next = tlm::END_REQ;
      sc_time none;
      sc_core::wait(ns(1));
      if (answers == form::four_phases) socket->nb_transport_bw(p, next, none);
      sc_core::wait(ns(9));
      perform(p);
      next = tlm::BEGIN_RESP;
      socket->nb_transport_bw(p, next, none);
    });
    return tlm::TLM_ACCEPTED;
  }
  calls calls_;
};

class caller : public sc_core::sc_module, private blocking_initiator {
 public:
  memory_initiator_socket socket{"socket"};
  explicit caller(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }
  // What the access took, by the clock.
  sc_time send(tlm::tlm_command command, std::uint64_t& value) {
    tlm::tlm_generic_payload p;
    p.set_command(command);
    p.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    p.set_data_length(8);
    p.set_streaming_width(8);
    sc_time delay;
    const sc_time start = sc_core::sc_time_stamp();
    socket->b_transport(p, delay);
    EXPECT_TRUE(p.is_response_ok());
    return sc_core::sc_time_stamp() + delay - start;
  }
};

class to_non_blocking_test : public testing::TestWithParam<at_memory::form> {};

TEST_P(to_non_blocking_test, threads_read_what_they_wrote) {
  caller cpu("cpu");
  to_non_blocking adapter("adapter");
  at_memory memory("memory");
  cpu.socket.bind(adapter.cpu_side);
  adapter.memory_side.bind(memory.socket);
  memory.answers = GetParam();
  unsigned done = 0;
  for (unsigned thread = 0; thread < 3; ++thread)
    sc_core::sc_spawn([&] {
      std::uint64_t value = 0x55, back = 0;
      EXPECT_GE(cpu.send(tlm::TLM_WRITE_COMMAND, value), ns(7));
      EXPECT_GE(cpu.send(tlm::TLM_READ_COMMAND, back), ns(7));
      EXPECT_EQ(back, 0x55u);
      ++done;
    });
  sc_core::sc_start(ns(1000));
  EXPECT_EQ(done, 3u);
  EXPECT_EQ(memory.under_way, 0u);
  if (GetParam() != at_memory::form::completed) {
    EXPECT_EQ(memory.ended, 6u);
  }
  // END_REQ lets the next request out before the response has come.
  if (GetParam() == at_memory::form::four_phases) {
    EXPECT_GT(memory.most_under_way, 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(forms, to_non_blocking_test,
                         testing::Values(at_memory::form::four_phases, at_memory::form::two_phases,
                                         at_memory::form::completed));

TEST(width_adapter, lets_an_initiator_of_64_bits_reach_a_target_of_32) {
  struct wide : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<wide, 64> socket{"socket"};
    unsigned told = 0;
    explicit wide(const sc_core::sc_module_name& name) : sc_module(name) {
      socket.register_invalidate_direct_mem_ptr(this, &wide::invalidate);
    }
    void invalidate(sc_dt::uint64, sc_dt::uint64) { ++told; }
  } cpu("cpu");
  width_adapter<64, 32> adapter("adapter");
  test::test_memory memory("memory");
  cpu.socket.bind(adapter.cpu_side);
  adapter.memory_side.bind(memory.socket);
  memory.grants_dmi = true;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::uint64_t value = 9;
  tlm::tlm_generic_payload p;
  p.set_write();
  p.set_address(0x40);
  p.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  p.set_data_length(8);
  p.set_streaming_width(8);
  sc_time delay;
  cpu.socket->b_transport(p, delay);
  EXPECT_TRUE(p.is_response_ok());
  EXPECT_EQ(memory.read(0x40), 9u);
  EXPECT_EQ(cpu.socket->transport_dbg(p), 8u);
  tlm::tlm_dmi grant;
  EXPECT_TRUE(cpu.socket->get_direct_mem_ptr(p, grant));
  memory.take_back(0, 64);
  EXPECT_EQ(cpu.told, 1u);
}

}  // namespace
}  // namespace nestwalk::protocol
