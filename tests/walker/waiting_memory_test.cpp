// A memory that waits lets a second walk begin before the first is over: neither may disturb the other.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "support/waiting_memory.h"

#include <gtest/gtest.h>

#include "walker/walking_machine.h"

namespace {

using nestwalk::test::page_gpa;
using nestwalk::test::page_gva;
namespace paging = nestwalk::paging;
namespace protocol = nestwalk::protocol;
namespace test = nestwalk::test;
namespace walker = nestwalk::walker;

constexpr std::uint64_t other_gpa = 0x2'0000'0000;

TEST(waiting_memory, two_walks_at_once_both_end_right) {
  test::test_memory memory("memory");
  test::waiting_memory slow("slow");
  test::two_stage_tables tables(test::tables_in(memory), {});
  walker::guest_walker guest("guest_walker", {});
  walker::nested_walker nested("nested_walker", {});
  test::asker<paging::gva> first("first");
  test::asker<paging::gva> second("second");
  first.socket.bind(guest.requests);
  second.socket.bind(guest.requests);
  guest.second_stage.bind(nested.requests);
  guest.memory.bind(slow.socket);
  nested.memory.bind(slow.socket);
  slow.below.bind(memory.socket);
  constexpr std::uint64_t other_gva = 0x1234'5000;
  tables.map(page_gva, page_gpa);
  tables.map(other_gva, other_gpa);
  const paging::domain domain = tables.domain();
  unsigned done = 0;
  const auto ask = [&](test::asker<paging::gva>& who, std::uint64_t gva, std::uint64_t gpa) {
    protocol::translation<paging::gva> t;
    t.address = paging::gva(gva);
    t.question = {paging::access_type::read, paging::access_mode::user};
    t.domain = &domain;
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

// Walkers with walk caches, behind TLBs, over a memory that may wait.
struct waiting_machine : sc_core::sc_module {
  test::test_memory memory{"memory"};
  test::waiting_memory slow{"slow"};
  test::two_stage_tables tables{test::tables_in(memory), {}};
  nestwalk::tlb::tlb<paging::gva> tlb{"tlb", {}};
  walker::guest_walker guest{"guest_walker", cached()};
  nestwalk::tlb::tlb<paging::gpa> nested_tlb{"nested_tlb", {}};
  walker::nested_walker nested{"nested_walker", cached()};
  test::asker<paging::gva> cpu{"cpu"};
  paging::domain domain;
  paging::hpa output;  ///< of the last translation

  explicit waiting_machine(const sc_core::sc_module_name& name, bool waits = true) : sc_module(name) {
    slow.waits = waits;
    cpu.socket.bind(tlb.requests);
    tlb.next_level.bind(guest.requests);
    guest.second_stage.bind(nested_tlb.requests);
    nested_tlb.next_level.bind(nested.requests);
    guest.memory.bind(slow.socket);
    nested.memory.bind(slow.socket);
    slow.below.bind(memory.socket);
    tables.map(page_gva, page_gpa);
    domain = tables.domain();
  }

  static walker::walker_config cached() {
    walker::walker_config c;
    c.use_dmi = false;
    c.caches.pde = c.caches.pdpte = c.caches.pml4e = {16, 4};
    return c;
  }

  // One translation from time zero of its thread; what it took by the clock.
  sc_core::sc_time translate(std::uint64_t gva) {
    protocol::translation<paging::gva> t;
    t.address = paging::gva(gva);
    t.question = {paging::access_type::read, paging::access_mode::user};
    t.domain = &domain;
    sc_core::sc_time delay;
    const sc_core::sc_time start = sc_core::sc_time_stamp();
    EXPECT_TRUE(cpu.socket->translate(t, delay));
    output = t.output();
    return sc_core::sc_time_stamp() + delay - start;
  }
  void invalidate(const paging::selector& s) {
    sc_core::sc_time delay;
    cpu.socket->invalidate(s, delay);
  }
};

paging::selector everything() {
  paging::selector s;
  s.linear = s.combined = s.guest_physical = true;
  return s;
}

/// Calls `move` in the middle of a walk, before an invalidation of everything: once at each of the walk's reads. It
/// moves the page and says where to; what the walk found before may not be kept, at any level.
void expect_nothing_overtaken_is_kept(waiting_machine& m, const std::function<std::uint64_t(unsigned at)>& move) {
  m.translate(page_gva);
  const unsigned cold = m.slow.calls;
  m.translate(page_gva);
  EXPECT_EQ(m.slow.calls, cold) << "with no invalidation the answer is kept";
  for (unsigned at = 1; at <= cold; ++at) {
    std::uint64_t moved = 0;
    m.invalidate(everything());
    m.slow.calls = 0;
    m.slow.before_call = [&] {
      if (m.slow.calls != at) return;
      moved = move(at);
      m.invalidate(everything());
    };
    m.translate(page_gva);  // the old page or the new one: both are right
    m.slow.before_call = [] {};
    m.translate(page_gva);
    EXPECT_EQ(m.output.value, moved) << "the old mapping outlived the invalidation at read " << at;
  }
}

TEST(waiting_memory, an_answer_that_an_invalidation_overtook_is_not_kept) {
  waiting_machine m("machine");
  sc_core::sc_spawn([&] {
    expect_nothing_overtaken_is_kept(m, [&](unsigned at) {
      const std::uint64_t gpa = at % 2 != 0 ? other_gpa : page_gpa;
      m.tables.map(page_gva, gpa);
      return m.tables.hpa_of(gpa);
    });
  });
  sc_core::sc_start();
}

TEST(waiting_memory, a_guest_table_that_an_invalidation_overtook_is_not_kept) {
  waiting_machine m("machine");
  sc_core::sc_spawn([&] {
    expect_nothing_overtaken_is_kept(m, [&](unsigned at) {
      const std::uint64_t gpa = at % 2 != 0 ? other_gpa : page_gpa;
      m.tables.guest.unmap(page_gva, 2 + at % 3);
      m.tables.map(page_gva, gpa);
      return m.tables.hpa_of(gpa);
    });
  });
  sc_core::sc_start();
}

TEST(waiting_memory, a_nested_table_that_an_invalidation_overtook_is_not_kept) {
  waiting_machine m("machine");
  sc_core::sc_spawn([&] {
    expect_nothing_overtaken_is_kept(m, [&](unsigned at) {
      const std::uint64_t hpa = 0x30'0000'0000 + at * 0x1000;
      m.tables.nested.unmap(page_gpa, 2);
      m.tables.nested.map(page_gpa, hpa, paging::page_4k, test::leaf::ept);
      return hpa;
    });
  });
  sc_core::sc_start();
}

TEST(waiting_memory, a_walk_takes_the_time_that_it_takes_without_waiting) {
  waiting_machine waiting("waiting");
  waiting_machine plain("plain", /*waits=*/false);
  sc_core::sc_spawn([&] {
    for (unsigned page = 0; page < 8; ++page) {
      for (waiting_machine* m : {&waiting, &plain}) m->tables.map(page_gva + page * 0x1000, page_gpa + page * 0x1000);
      EXPECT_EQ(waiting.translate(page_gva + page * 0x1000), plain.translate(page_gva + page * 0x1000));
    }
    EXPECT_EQ(waiting.guest.counts().latency.sum(), plain.guest.counts().latency.sum());
    EXPECT_EQ(waiting.nested.counts().latency.sum(), plain.nested.counts().latency.sum());
    EXPECT_EQ(waiting.guest.counts().rewalk_cycles, plain.guest.counts().rewalk_cycles);
    EXPECT_EQ(waiting.guest.counts().reads(), plain.guest.counts().reads());
  });
  sc_core::sc_start();
}

}  // namespace
