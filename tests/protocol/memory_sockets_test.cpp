// The memory sockets among sockets of others: of other widths, of many ends, looked up by name, left unbound; and both
// forms of transport on one target.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "nestwalk/protocol/memory_sockets.h"

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "support/at_initiator.h"
#include "support/test_memory.h"

namespace nestwalk::protocol {
namespace {

using test::at_initiator;
using test::test_memory;
using strings = std::vector<std::string>;

void start() {
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

/// A model of somebody else's, whose socket is `Socket`.
template <class Socket>
struct foreign : sc_core::sc_module {
  Socket socket{"socket"};
  unsigned told = 0;
  std::uint64_t word = 0;
  explicit foreign(const sc_core::sc_module_name& name) : sc_module(name) {}
};
template <unsigned Width>
struct foreign_initiator : foreign<tlm_utils::simple_initiator_socket<foreign_initiator<Width>, Width>> {
  explicit foreign_initiator(const sc_core::sc_module_name& name)
      : foreign<tlm_utils::simple_initiator_socket<foreign_initiator<Width>, Width>>(name) {
    this->socket.register_invalidate_direct_mem_ptr(this, &foreign_initiator::hear);
  }
  void hear(sc_dt::uint64, sc_dt::uint64) { ++this->told; }
};
template <unsigned Width>
struct many_initiator : foreign<tlm_utils::multi_passthrough_initiator_socket<many_initiator<Width>, Width>> {
  explicit many_initiator(const sc_core::sc_module_name& name)
      : foreign<tlm_utils::multi_passthrough_initiator_socket<many_initiator<Width>, Width>>(name) {
    this->socket.register_invalidate_direct_mem_ptr(this, &many_initiator::hear);
  }
  void hear(int, sc_dt::uint64, sc_dt::uint64) { ++this->told; }
};
void move(std::uint64_t& word, tlm::tlm_generic_payload& p) {
  if (p.is_write())
    std::memcpy(&word, p.get_data_ptr(), 8);
  else
    std::memcpy(p.get_data_ptr(), &word, 8);
  p.set_response_status(tlm::TLM_OK_RESPONSE);
}
template <unsigned Width>
struct foreign_target : foreign<tlm_utils::simple_target_socket<foreign_target<Width>, Width>> {
  explicit foreign_target(const sc_core::sc_module_name& name)
      : foreign<tlm_utils::simple_target_socket<foreign_target<Width>, Width>>(name) {
    this->socket.register_b_transport(this, &foreign_target::transport);
  }
  void transport(tlm::tlm_generic_payload& p, sc_core::sc_time&) { move(this->word, p); }
};
template <unsigned Width>
struct many_target : foreign<tlm_utils::multi_passthrough_target_socket<many_target<Width>, Width>> {
  explicit many_target(const sc_core::sc_module_name& name)
      : foreign<tlm_utils::multi_passthrough_target_socket<many_target<Width>, Width>>(name) {
    this->socket.register_b_transport(this, &many_target::transport);
  }
  void transport(int, tlm::tlm_generic_payload& p, sc_core::sc_time&) { move(this->word, p); }
};

/// Ours, with sockets as our parts have them.
struct caller : sc_core::sc_module, private blocking_initiator {
  memory_initiator_socket socket{"socket"};
  unsigned told = 0;
  explicit caller(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

 private:
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override { ++told; }
};

template <class Forward>
void store(Forward* to, std::uint64_t value) {
  tlm::tlm_generic_payload p;
  p.set_write();
  p.set_address(0x40);
  p.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  p.set_data_length(8);
  p.set_streaming_width(8);
  sc_core::sc_time delay;
  to->b_transport(p, delay);
  EXPECT_TRUE(p.is_response_ok());
}

TEST(memory_sockets, initiators_of_any_width_bind_to_a_target_of_ours) {
  foreign_initiator<32> narrow("narrow");
  foreign_initiator<64> wide("wide");
  many_initiator<32> many("many");
  foreign_initiator<128> other_way_round("other_way_round");
  test_memory memory("memory");
  narrow.socket.bind(memory.socket);
  wide.socket.bind(memory.socket);
  many.socket.bind(memory.socket);
  other_way_round.socket(memory.socket);
  start();
  store(narrow.socket.operator->(), 1);
  EXPECT_EQ(memory.read(0x40), 1u);
  store(wide.socket.operator->(), 2);
  EXPECT_EQ(memory.read(0x40), 2u);
  store(many.socket[0], 3);
  EXPECT_EQ(memory.read(0x40), 3u);
  store(other_way_round.socket.operator->(), 4);
  EXPECT_EQ(memory.read(0x40), 4u);
  memory.take_back(0, 0xfff);
  EXPECT_EQ((std::array{narrow.told, wide.told, many.told, other_way_round.told}), (std::array{1u, 1u, 1u, 1u}));
}

TEST(memory_sockets, an_initiator_of_ours_binds_to_targets_of_any_width) {
  std::array<std::unique_ptr<caller>, 4> cpu;
  for (auto& each : cpu) each = std::make_unique<caller>(sc_core::sc_gen_unique_name("cpu"));
  foreign_target<32> narrow("narrow");
  foreign_target<64> wide("wide");
  many_target<32> many("many");
  foreign_target<128> other_way_round("other_way_round");
  cpu[0]->socket.bind(narrow.socket);
  cpu[1]->socket.bind(wide.socket);
  cpu[2]->socket.bind(many.socket);
  other_way_round.socket.bind(cpu[3]->socket);
  start();
  for (unsigned i = 0; i < cpu.size(); ++i) store(cpu[i]->socket.operator->(), i + 1);
  EXPECT_EQ((std::array{narrow.word, wide.word, many.word, other_way_round.word}),
            (std::array<std::uint64_t, 4>{1, 2, 3, 4}));
}

TEST(memory_sockets, a_module_around_may_have_sockets_of_another_width) {
  struct around : sc_core::sc_module {
    tlm::tlm_initiator_socket<64> outer{"outer"};
    caller cpu{"cpu"};
    explicit around(const sc_core::sc_module_name& name) : sc_module(name) { cpu.socket.bind(outer); }
  } whole("whole");
  foreign_target<64> memory("memory");
  whole.outer.bind(memory.socket);
  start();
  store(whole.cpu.socket.operator->(), 7);
  EXPECT_EQ(memory.word, 7u);
}

TEST(memory_sockets, are_the_plain_sockets_that_a_look_up_by_name_expects) {
  caller cpu("cpu");
  test_memory memory("memory");
  auto* const from = dynamic_cast<tlm::tlm_initiator_socket<>*>(sc_core::sc_find_object("cpu.socket"));
  auto* const to = dynamic_cast<tlm::tlm_target_socket<>*>(sc_core::sc_find_object("memory.socket"));
  ASSERT_NE(from, nullptr);
  ASSERT_NE(to, nullptr);
  from->bind(*to);
  start();
  store(cpu.socket.operator->(), 5);
  EXPECT_EQ(memory.read(0x40), 5u);
  memory.take_back(0, 0xfff);
  EXPECT_EQ(cpu.told, 1u);
}

TEST(memory_sockets, a_target_may_stay_unbound_and_an_initiator_says_so_by_its_name) {
  test_memory memory("memory");
  caller cpu("cpu");
  try {
    start();
    FAIL() << "the initiator is not bound";
  } catch (const sc_core::sc_report& r) {
    EXPECT_NE(std::string(r.what()).find("'cpu.socket'"), std::string::npos) << r.what();
    EXPECT_EQ(std::string(r.what()).find("memory"), std::string::npos) << r.what();
  }
}

// A step between would be a call more on every access.
TEST(memory_sockets, blocking_initiators_and_one_more_are_bound_to_the_module_itself) {
  caller first("first"), second("second");
  foreign_initiator<32> third("third"), fourth("fourth");
  test_memory memory("memory");
  first.socket.bind(memory.socket);
  third.socket.bind(memory.socket);
  second.socket.bind(memory.socket);
  fourth.socket.bind(memory.socket);
  start();
  EXPECT_EQ(first.socket.operator->(), second.socket.operator->());
  EXPECT_EQ(first.socket.operator->(), third.socket.operator->());
  EXPECT_NE(first.socket.operator->(), fourth.socket.operator->());
}

TEST(memory_sockets, a_blocking_target_answers_each_initiator_its_own_phases) {
  caller blocking("blocking");
  at_initiator first("first"), second("second");
  test_memory memory("memory");
  blocking.socket.bind(memory.socket);
  first.socket.bind(memory.socket);
  second.socket.bind(memory.socket);
  start();
  memory.write(0x40, 77);
  memory.write(0x80, 88);
  std::uint64_t a = 0, b = 0, c = 0;
  auto& p = first.begin(tlm::TLM_READ_COMMAND, 0x40, &a, {3, sc_core::SC_NS});
  auto& q = second.begin(tlm::TLM_READ_COMMAND, 0x80, &b);
  auto& r = second.begin(tlm::TLM_READ_COMMAND, 0x40, &c);
  sc_core::sc_start(100, sc_core::SC_NS);
  EXPECT_EQ(first.phases, (strings{"END_REQ 64 at 3 ns", "BEGIN_RESP 64 at 13 ns"}));
  EXPECT_EQ(second.phases, (strings{"END_REQ 128 at 0 s", "BEGIN_RESP 128 at 10 ns", "END_REQ 64 at 12 ns",
                                    "BEGIN_RESP 64 at 22 ns"}));
  EXPECT_EQ((std::array{a, b, c}), (std::array<std::uint64_t, 3>{77, 88, 77}));
  for (auto* const each : {&p, &q, &r}) {
    EXPECT_TRUE(each->is_response_ok());
    EXPECT_EQ(each->get_ref_count(), 1) << "the target has given it back";
    each->release();
  }
}

TEST(memory_sockets, a_call_of_one_of_several_that_cannot_be_told_apart_is_an_error_by_name) {
  at_initiator first("first");
  many_initiator<32> second("second");
  test_memory memory("memory");
  first.socket.bind(memory.socket);
  second.socket.bind(memory.socket);
  start();
  tlm::tlm_generic_payload p;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  try {
    second.socket[0]->nb_transport_fw(p, phase, delay);
    FAIL() << "served";
  } catch (const sc_core::sc_report& r) {
    EXPECT_NE(std::string(r.what()).find("memory.socket: "), std::string::npos) << r.what();
    EXPECT_NE(std::string(r.what()).find("cannot be told apart"), std::string::npos) << r.what();
  }
}

TEST(memory_sockets, a_non_blocking_call_without_a_memory_manager_is_an_error_by_name) {
  at_initiator cpu("cpu");
  test_memory memory("memory");
  cpu.socket.bind(memory.socket);
  start();
  tlm::tlm_generic_payload p;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  try {
    cpu.socket->nb_transport_fw(p, phase, delay);
    FAIL() << "served";
  } catch (const sc_core::sc_report& r) {
    EXPECT_NE(std::string(r.what()).find("memory.socket: "), std::string::npos) << r.what();
  }
}

struct throwing_target : sc_core::sc_module, private blocking_target {
  memory_target_socket socket{"socket"};
  explicit throwing_target(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

 private:
  void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override { throw std::runtime_error("out of order"); }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
};

TEST(memory_sockets, what_a_target_throws_at_a_non_blocking_call_is_a_report_by_name) {
  at_initiator cpu("cpu");
  throwing_target target("target");
  cpu.socket.bind(target.socket);
  start();
  static strings reports;
  sc_core::sc_report_handler::set_handler(
      [](const sc_core::sc_report& report, const sc_core::sc_actions&) { reports.emplace_back(report.get_msg()); });
  std::uint64_t value = 0;
  auto& p = cpu.begin(tlm::TLM_READ_COMMAND, 0x40, &value);
  sc_core::sc_start(100, sc_core::SC_NS);
  EXPECT_EQ(p.get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(cpu.phases.size(), 2u);
  EXPECT_EQ(reports, strings{"target.socket: out of order"});
  p.release();
}

}  // namespace
}  // namespace nestwalk::protocol
