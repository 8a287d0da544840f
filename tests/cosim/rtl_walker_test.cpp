#define SC_INCLUDE_DYNAMIC_PROCESSES  // for sc_spawn
#include "tb/rtl_walker.h"

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "nestwalk/walker/guest_walker.h"
#include "nestwalk/walker/nested_walker.h"
#include "support/test_memory.h"
#include "support/two_stage_tables.h"

namespace nestwalk::tb {
namespace {

using paging::access_mode;
using paging::access_type;

constexpr std::uint64_t page = 0x7f12'3456'7000;

// Asks for translations from a thread.
class asker : public sc_core::sc_module, private protocol::translation_bw_if<paging::gva> {
 public:
  protocol::translation_initiator_socket<paging::gva> socket{"socket"};
  std::function<void(asker&)> program;

  explicit asker(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(static_cast<protocol::translation_bw_if<paging::gva>&>(*this));
    sc_core::sc_spawn([this] { run(); }, "run");
  }
  protocol::translation<paging::gva> ask(std::uint64_t address, const paging::domain& c, access_type type,
                                         sc_core::sc_time& delay) {
    protocol::translation<paging::gva> t;
    t.address = paging::gva(address);
    t.question = {type, access_mode::user};
    t.domain = &c;
    mapped = socket->translate(t, delay);
    return t;
  }
  bool mapped = false;

 private:
  void run() {
    if (program) program(*this);
  }
  void withdrawn(const paging::selector&) override {}
};

// The RTL walker over a memory of one latency, with guest tables over EPT.
class rtl_walker_test : public ::testing::Test {
 protected:
  test::test_memory memory{"memory"};
  test::two_stage_tables tables{{[this](std::uint64_t at) { return memory.read(at); },
                                 [this](std::uint64_t at, std::uint64_t value) { memory.write(at, value); }},
                                {}};
  rtl_walker_config config{"contexts_16", sc_core::sc_time(1, sc_core::SC_NS), false};
  rtl_walker walker{"walker", config};
  asker cpu{"cpu"};

  rtl_walker_test() {
    memory.latency = sc_core::sc_time(10, sc_core::SC_NS);
    walker.memory.bind(memory.socket);
    cpu.socket.bind(walker.requests);
    tables.map(page, 0x1234'5000);
  }
};

TEST_F(rtl_walker_test, a_walk_of_24_reads_takes_what_the_formula_gives) {
  const paging::domain c = tables.domain();
  sc_core::sc_time took;
  cpu.program = [&](asker& a) {
    sc_core::sc_time delay;
    const sc_core::sc_time began = sc_core::sc_time_stamp();
    const auto t = a.ask(page + 0x123, c, access_type::read, delay);
    took = sc_core::sc_time_stamp() - began + delay;
    ASSERT_TRUE(a.mapped);
    EXPECT_EQ(t.output().value, tables.hpa_of(0x1234'5123));
  };
  sc_core::sc_start();
  EXPECT_EQ(walker.counts().reads, 24u);
  EXPECT_LE(took, sc_core::sc_time(24 * 11 + 2, sc_core::SC_NS));
  EXPECT_GE(took, sc_core::sc_time(24 * 11, sc_core::SC_NS));
}

TEST_F(rtl_walker_test, the_delay_that_a_caller_brings_is_consumed_before_a_pin_moves) {
  const paging::domain c = tables.domain();
  cpu.program = [&](asker& a) {
    sc_core::sc_time delay(500, sc_core::SC_NS);
    a.ask(page, c, access_type::read, delay);
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
    EXPECT_GE(sc_core::sc_time_stamp(), sc_core::sc_time(500 + 24 * 11, sc_core::SC_NS));
  };
  sc_core::sc_start();
  EXPECT_EQ(walker.counts().walks, 1u);
}

TEST_F(rtl_walker_test, cycles_in_which_nothing_can_change_are_not_clocked) {
  memory.latency = sc_core::sc_time(10, sc_core::SC_US);
  const paging::domain c = tables.domain();
  cpu.program = [&](asker& a) {
    sc_core::sc_time delay;
    a.ask(page, c, access_type::read, delay);
    EXPECT_GE(sc_core::sc_time_stamp(), sc_core::sc_time(240, sc_core::SC_US));
  };
  sc_core::sc_start();
  EXPECT_LT(walker.counts().cycles_clocked, 24u * 10u);
}

TEST_F(rtl_walker_test, a_missing_guest_page_is_a_page_fault) {
  const paging::domain c = tables.domain();
  cpu.program = [&](asker& a) {
    sc_core::sc_time delay;
    const auto t = a.ask(page + 0x1000, c, access_type::write, delay);
    EXPECT_FALSE(a.mapped);
    EXPECT_EQ(t.fault.kind, paging::fault_kind::page_fault);
    EXPECT_EQ(t.fault.linear.value, page + 0x1000);
    EXPECT_EQ(t.fault.error_code, paging::pf::wr | paging::pf::us);
  };
  sc_core::sc_start();
  EXPECT_EQ(walker.counts().faults, 1u);
}

TEST_F(rtl_walker_test, a_broken_memory_is_reported_with_the_entry) {
  memory.fail(tables.nested.root(), tables.nested.root() + 4095);
  const paging::domain c = tables.domain();
  cpu.program = [&](asker& a) {
    sc_core::sc_time delay;
    const auto t = a.ask(page, c, access_type::read, delay);
    EXPECT_FALSE(a.mapped);
    EXPECT_EQ(t.fault.kind, paging::fault_kind::memory_error);
    EXPECT_EQ(t.fault.stage, paging::stage_kind::nested);
    EXPECT_EQ(t.fault.entry.value & ~std::uint64_t{4095}, tables.nested.root());
  };
  sc_core::sc_start();
}

TEST_F(rtl_walker_test, looking_takes_no_time_and_moves_no_pin) {
  const paging::domain c = tables.domain();
  cpu.program = [&](asker& a) {
    protocol::translation<paging::gva> t;
    t.address = paging::gva(page + 8);
    t.question = {access_type::read, access_mode::user};
    t.domain = &c;
    EXPECT_TRUE(a.socket->look(t));
    EXPECT_EQ(t.output().value, tables.hpa_of(0x1234'5008));
  };
  sc_core::sc_start();
  EXPECT_EQ(walker.counts().cycles_clocked, 0u);
  EXPECT_EQ(memory.calls, 0u);
}

TEST_F(rtl_walker_test, a_walk_that_an_invalidation_squashes_is_walked_again) {
  const paging::domain c = tables.domain();
  asker other("other");
  other.socket.bind(walker.requests);
  cpu.program = [&](asker& a) {
    sc_core::sc_time delay;
    const auto t = a.ask(page, c, access_type::read, delay);
    EXPECT_TRUE(a.mapped);
    EXPECT_EQ(t.output().value, tables.hpa_of(0x7777'7000));
  };
  other.program = [&](asker& a) {
    sc_core::wait(200, sc_core::SC_NS);
    tables.map(page, 0x7777'7000);
    sc_core::sc_time delay;
    a.socket->invalidate(paging::whole_vpid(c.tags), delay);
  };
  sc_core::sc_start();
  EXPECT_EQ(walker.counts().squashed, 1u);
}

TEST_F(rtl_walker_test, page_modification_logging_and_the_guest_mode_execute_trap_are_refused) {
  paging::page_modification_log log;
  paging::domain c = tables.domain();
  c.nested_on = true;
  c.nested.log = &log;
  EXPECT_NE(why_unsupported(c).find("page-modification logging"), std::string::npos);
  c.nested.log = nullptr;
  c.nested.guest_mode_execute_trap = true;
  EXPECT_NE(why_unsupported(c).find("guest mode execute trap"), std::string::npos);
}

TEST_F(rtl_walker_test, pae_paging_is_refused) {
  paging::domain c = tables.domain();
  c.guest.from_registers = true;
  EXPECT_NE(why_unsupported(c), "");
  EXPECT_EQ(why_unsupported(tables.domain()), "");
}

}  // namespace
}  // namespace nestwalk::tb
