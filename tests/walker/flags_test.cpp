// Accessed and dirty flags: who sets them, when, and by which convention.
#include <gtest/gtest.h>

#include "walker/walking_machine.h"

namespace {

using nestwalk::test::asked;
using nestwalk::test::machine_config;
using nestwalk::test::page_gpa;
using nestwalk::test::page_gva;
using nestwalk::test::walking_machine;
namespace leaf = nestwalk::test::leaf;
namespace paging = nestwalk::paging;
namespace x86 = paging::x86_entry;
using paging::access_type;

void clear_guest_flags(walking_machine& m) {
  for (unsigned level = 1; level <= 4; ++level) m.tables.guest.clear_flags(page_gva, level, x86::a);
  m.tables.guest.clear_flags(page_gva, 1, x86::d);
}

void expect_guest_flags(walking_machine& m, bool dirty) {
  for (unsigned level = 1; level <= 4; ++level) EXPECT_NE(m.tables.guest.read_entry(page_gva, level) & x86::a, 0U);
  EXPECT_EQ((m.tables.guest.read_entry(page_gva, 1) & x86::d) != 0, dirty);
}

TEST(flags, a_read_sets_accessed_at_every_level_and_not_dirty) {
  walking_machine m;
  m.tables.map(page_gva, page_gpa);
  clear_guest_flags(m);
  const asked a = m.translate(page_gva, access_type::read);
  ASSERT_TRUE(a.mapped);
  expect_guest_flags(m, false);
  EXPECT_FALSE(a.answer.mapping.granted.has(paging::rights::dirty));
  EXPECT_EQ(m.guest.counts().exchanges, 4U);
  EXPECT_EQ(m.memory.exchanges, 4U);
  // EPT without accessed/dirty flags: the mapping of a table's read permits the update, so nothing is asked again.
  EXPECT_EQ(m.nested.counts().walks, 5U);
  EXPECT_EQ(a.reads, 24U);
}

TEST(flags, a_walker_that_asks_again_asks_the_second_stage_for_each_exchange) {
  machine_config config = walking_machine::plain();
  config.guest.asks_again = true;
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  clear_guest_flags(m);
  ASSERT_TRUE(m.translate(page_gva, access_type::read).mapped);
  expect_guest_flags(m, false);
  EXPECT_EQ(m.nested.counts().walks, 5U + 4U);
}

TEST(flags, take_the_cycles_of_an_exchange_each) {
  machine_config config = walking_machine::plain();
  config.guest.exchange_cycles = 3;
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  m.memory.latency = sc_core::SC_ZERO_TIME;
  const sc_core::sc_time with_flags_set = m.translate(page_gva, access_type::read).took;
  clear_guest_flags(m);
  EXPECT_EQ(m.translate(page_gva, access_type::read).took, with_flags_set + config.guest.cycle * (3.0 * 4));
}

TEST(flags, a_write_sets_dirty_too) {
  walking_machine m;
  m.tables.map(page_gva, page_gpa);
  clear_guest_flags(m);
  const asked a = m.translate(page_gva, access_type::write);
  ASSERT_TRUE(a.mapped);
  expect_guest_flags(m, true);
  EXPECT_TRUE(a.answer.mapping.granted.has(paging::rights::dirty));
}

TEST(flags, a_target_that_ignores_the_exchange_is_read_and_written) {
  walking_machine m;
  m.memory.knows_exchange = false;
  m.tables.map(page_gva, page_gpa);
  clear_guest_flags(m);
  ASSERT_TRUE(m.translate(page_gva, access_type::write).mapped);
  expect_guest_flags(m, true);
  EXPECT_EQ(m.memory.exchanges, 0U);
  EXPECT_EQ(m.memory.calls, 24U + 4 * 2);
  EXPECT_EQ(m.guest.counts().lost_exchanges, 0U);
}

TEST(flags, npt_sets_dirty_in_the_nested_leaf_of_a_table_that_is_only_read) {
  machine_config config = walking_machine::plain();
  config.tables.format = paging::nested_kind::npt;
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  const std::uint64_t table = m.tables.guest.entry_address(page_gva, 1);
  m.tables.nested.clear_flags(table, 1, x86::d);
  m.tables.nested.clear_flags(page_gpa, 1, x86::d);
  ASSERT_TRUE(m.translate(page_gva, access_type::read).mapped);
  EXPECT_NE(m.tables.nested.read_entry(table, 1) & x86::d, 0U);
  EXPECT_EQ(m.tables.nested.read_entry(page_gpa, 1) & x86::d, 0U);
}

TEST(flags, an_update_through_a_mapping_without_write_is_asked_again_and_faults_as_a_nested_write) {
  walking_machine m;
  m.tables.map(page_gva, page_gpa);
  m.tables.guest.clear_flags(page_gva, 1, x86::a);
  const std::uint64_t entry = m.tables.guest.entry_address(page_gva, 1);
  m.tables.nested.clear_flags(entry, 1, paging::ept_entry::w);
  const asked a = m.translate(page_gva, access_type::read);
  ASSERT_FALSE(a.mapped);
  EXPECT_EQ(a.answer.fault.kind, paging::fault_kind::ept_violation);
  EXPECT_EQ(a.answer.fault.guest_physical.value, entry);
  EXPECT_NE(a.answer.fault.qualification & paging::ept_qualification::write, 0U);
  EXPECT_EQ(m.nested.counts().walks, 5U);  // four table reads, and the update of the PTE's page
  EXPECT_EQ(m.guest.counts().faults_by_kind[static_cast<unsigned>(paging::fault_kind::ept_violation)], 1U);
}

/// Memory in front of the test memory where something else stores to an entry before the first exchange reaches it.
class interfering_memory : public sc_core::sc_module,
                           private nestwalk::protocol::blocking_target,
                           private nestwalk::protocol::blocking_initiator {
 public:
  nestwalk::protocol::memory_target_socket socket{"socket"};
  nestwalk::protocol::memory_initiator_socket below{"below"};
  std::function<void()> interfere;
  std::uint64_t withheld = 0;  ///< the page that no grant gives

  explicit interfering_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    below.bind(*this);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    const bool exchange = payload.get_extension<nestwalk::protocol::exchange_extension>() != nullptr;
    if (exchange && interfere) std::exchange(interfere, nullptr)();
    below->b_transport(payload, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return payload.get_address() >> 12 != withheld >> 12 && below->get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return below->transport_dbg(payload); }
};

/// Two walkers over such a memory.
struct interfered_machine {
  nestwalk::test::test_memory memory{"memory"};
  interfering_memory between{"between"};
  nestwalk::test::two_stage_tables tables{nestwalk::test::tables_in(memory), {}};
  nestwalk::walker::guest_walker guest;
  nestwalk::walker::nested_walker nested{"nested_walker", nestwalk::walker::walker_config{}};
  nestwalk::test::asker<paging::gva> cpu{"cpu"};

  explicit interfered_machine(const nestwalk::walker::walker_config& config = {}) : guest("guest_walker", config) {
    cpu.socket.bind(guest.requests);
    guest.second_stage.bind(nested.requests);
    guest.memory.bind(between.socket);
    nested.memory.bind(between.socket);
    between.below.bind(memory.socket);
  }

  /// Where a user-mode read of `gva` goes in host memory; 0 where it faults.
  std::uint64_t translate(std::uint64_t gva) {
    if (!sc_core::sc_start_of_simulation_invoked()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
    const paging::domain domain = tables.domain();
    nestwalk::protocol::translation<paging::gva> t;
    t.address = paging::gva(gva);
    t.question = {access_type::read, paging::access_mode::user};
    t.domain = &domain;
    sc_core::sc_time delay;
    return cpu.socket->translate(t, delay) ? t.output().value : 0;
  }
};

class changed_entry : public testing::TestWithParam<bool> {};

TEST_P(changed_entry, is_read_again_and_what_was_stored_meanwhile_stays) {
  interfered_machine m;
  m.memory.knows_exchange = GetParam();
  m.tables.map(page_gva, page_gpa);
  constexpr std::uint64_t other_gpa = 0x2'0000'0000;
  m.tables.back(other_gpa, paging::page_4k);
  m.tables.guest.clear_flags(page_gva, 1, x86::a);
  m.between.interfere = [&] { m.tables.guest.write_entry(page_gva, 1, other_gpa | leaf::x86_clean); };

  EXPECT_EQ(m.translate(page_gva), m.tables.hpa_of(other_gpa));
  EXPECT_EQ(m.tables.guest.read_entry(page_gva, 1), other_gpa | leaf::x86_clean | x86::a);
  EXPECT_EQ(m.guest.counts().lost_exchanges, 1U);
  EXPECT_EQ(m.guest.counts().reads_by_level[1], 2U);
}

TEST(changed_entry_under_dmi, is_read_again_and_what_was_stored_meanwhile_stays) {
  nestwalk::walker::walker_config config;
  config.use_dmi = true;
  interfered_machine m(config);
  m.memory.grants_dmi = true;
  m.tables.map(page_gva, page_gpa);
  constexpr std::uint64_t other_gpa = 0x2'0000'0000;
  m.tables.back(other_gpa, paging::page_4k);
  m.between.withheld = m.tables.hpa_of(m.tables.guest.entry_address(page_gva, 4));
  ASSERT_NE(m.translate(page_gva), 0U);             // takes the grants
  m.tables.guest.clear_flags(page_gva, 4, x86::a);  // set first, and by an exchange on the socket
  m.tables.guest.clear_flags(page_gva, 1, x86::a);
  m.between.interfere = [&] { m.tables.guest.write_entry(page_gva, 1, other_gpa | leaf::x86_clean); };

  EXPECT_EQ(m.translate(page_gva), m.tables.hpa_of(other_gpa));
  EXPECT_EQ(m.tables.guest.read_entry(page_gva, 1), other_gpa | leaf::x86_clean | x86::a);
  EXPECT_EQ(m.guest.counts().lost_exchanges, 1U);
}

TEST(changed_table, is_read_by_the_walk_that_restarts_though_a_walk_cache_led_to_another) {
  nestwalk::walker::walker_config config;
  config.caches.pde = {16, 0};
  config.caches.holds = nestwalk::walker::held_address::host_physical;
  interfered_machine m(config);
  constexpr std::uint64_t neighbour_gva = page_gva + 4096;
  constexpr std::uint64_t new_table = 0x2'0000'0000;
  constexpr std::uint64_t new_gpa = 0x2'0000'1000;
  m.tables.map(page_gva, page_gpa);
  m.tables.map(neighbour_gva, page_gpa + 4096);
  m.tables.back(new_table, paging::page_4k);
  m.tables.back(new_gpa, paging::page_4k);
  ASSERT_NE(m.translate(page_gva), 0U);  // the cache keeps the old table
  m.tables.guest.clear_flags(neighbour_gva, 1, x86::a);
  m.between.interfere = [&] {
    m.tables.guest.write_entry(neighbour_gva, 1, page_gpa | leaf::x86);  // what the old table has is not asked for
    m.tables.guest.write_entry(neighbour_gva, 2, new_table | leaf::x86);
    m.tables.guest.write_entry(neighbour_gva, 1, new_gpa | leaf::x86);
  };

  EXPECT_EQ(m.translate(neighbour_gva), m.tables.hpa_of(new_gpa));
  EXPECT_EQ(m.guest.counts().lost_exchanges, 1U);
}

INSTANTIATE_TEST_SUITE_P(exchange, changed_entry, testing::Bool(),
                         [](const auto& info) { return info.param ? "known" : "ignored"; });

}  // namespace
