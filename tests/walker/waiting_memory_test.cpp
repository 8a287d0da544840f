// A memory that waits lets a second walk begin before the first is over: neither may disturb the other.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <gtest/gtest.h>

#include "walker/walking_machine.h"

namespace {

using nestwalk::test::page_gpa;
using nestwalk::test::page_gva;
namespace paging = nestwalk::paging;
namespace protocol = nestwalk::protocol;
namespace test = nestwalk::test;
namespace walker = nestwalk::walker;

/// In front of the test memory; every call waits before it is passed on.
class waiting_memory : public sc_core::sc_module,
                       private protocol::blocking_target,
                       private protocol::blocking_initiator {
 public:
  protocol::memory_target_socket socket{"socket"};
  protocol::memory_initiator_socket below{"below"};
  unsigned under_way = 0;
  unsigned most_under_way = 0;

  explicit waiting_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    below.bind(*this);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    most_under_way = std::max(most_under_way, ++under_way);
    const std::uint64_t address = payload.get_address();
    sc_core::wait(delay + sc_core::sc_time(5, sc_core::SC_NS));
    delay = sc_core::SC_ZERO_TIME;
    EXPECT_EQ(payload.get_address(), address);
    below->b_transport(payload, delay);
    --under_way;
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return below->transport_dbg(payload); }
};

TEST(waiting_memory, two_walks_at_once_both_end_right) {
  test::test_memory memory("memory");
  waiting_memory slow("slow");
  test::two_stage_tables tables(test::tables_in(memory), {});
  walker::guest_walker guest("guest_walker", {});
  walker::nested_walker nested("nested_walker", {});
  test::asker<paging::gva> first("first");
  test::asker<paging::gva> second("second");
  first.socket.bind(guest.requests);
  second.socket.bind(guest.requests);
  guest.next.bind(nested.requests);
  guest.memory.bind(slow.socket);
  nested.memory.bind(slow.socket);
  slow.below.bind(memory.socket);
  constexpr std::uint64_t other_gva = 0x1234'5000;
  constexpr std::uint64_t other_gpa = 0x2'0000'0000;
  tables.map(page_gva, page_gpa);
  tables.map(other_gva, other_gpa);
  const paging::context context = tables.context();
  unsigned done = 0;
  const auto ask = [&](test::asker<paging::gva>& who, std::uint64_t gva, std::uint64_t gpa) {
    protocol::translation<paging::gva> t;
    t.address = paging::gva(gva);
    t.question = {paging::access_type::read, paging::access_mode::user};
    t.context = &context;
    sc_core::sc_time delay;
    EXPECT_TRUE(who.socket->translate(t, delay));
    EXPECT_EQ(t.output().value, tables.hpa_of(gpa));
    ++done;
  };
  sc_core::sc_spawn([&] { ask(first, page_gva, page_gpa); });
  sc_core::sc_spawn([&] { ask(second, other_gva, other_gpa); });
  sc_core::sc_start();
  EXPECT_EQ(done, 2U);
  EXPECT_EQ(slow.most_under_way, 2U);
}

}  // namespace
