// Looking has no effect; and errors of memory are told.
#include <gtest/gtest.h>

#include "walker/walking_machine.h"

namespace {

using nestwalk::test::asked;
using nestwalk::test::machine_config;
using nestwalk::test::page_gpa;
using nestwalk::test::page_gva;
using nestwalk::test::walking_machine;
namespace paging = nestwalk::paging;
namespace x86 = paging::x86_entry;
using paging::access_type;

TEST(look, sees_what_translate_maps_and_changes_nothing) {
  machine_config config = walking_machine::plain();
  config.guest.caches.pde = {8, 0};
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  m.tables.guest.clear_flags(page_gva, 1, x86::a | x86::d);
  const std::uint64_t entry = m.tables.guest.read_entry(page_gva, 1);

  const asked seen = m.look(page_gva, access_type::write);

  ASSERT_TRUE(seen.mapped);
  EXPECT_FALSE(seen.answer.flags_were_set);
  EXPECT_EQ(m.tables.guest.read_entry(page_gva, 1), entry);
  EXPECT_EQ(m.memory.calls, 0U);
  EXPECT_EQ(m.guest.counts().walks + m.nested.counts().walks, 0U);
  EXPECT_EQ(m.guest.counts().reads() + m.nested.counts().reads(), 0U);
  EXPECT_EQ(m.guest.counts().exchanges, 0U);

  const asked walked = m.translate(page_gva, access_type::write);
  EXPECT_EQ(walked.reads, 24U);  // nothing had been cached
  EXPECT_EQ(walked.answer.output().value, seen.answer.output().value);
  EXPECT_TRUE(walked.answer.mapping.granted == seen.answer.mapping.granted);
  EXPECT_TRUE(m.look(page_gva, access_type::write).answer.flags_were_set);
}

TEST(look, tells_a_fault_without_counting_it) {
  walking_machine m;
  m.tables.map(page_gva, page_gpa);
  const asked seen = m.look(page_gva + 4096);
  ASSERT_FALSE(seen.mapped);
  EXPECT_EQ(seen.answer.fault.kind, paging::fault_kind::page_fault);
  EXPECT_EQ(m.guest.counts().faults(), 0U);
}

TEST(look, of_the_nested_walker_sees_the_second_stage_alone) {
  walking_machine m;
  m.tables.map(page_gva, page_gpa);
  m.elaborate();
  const paging::domain c = m.tables.domain();
  nestwalk::protocol::translation<paging::gpa> t;
  t.address = paging::gpa(page_gpa + 0x123);
  t.domain = &c;
  ASSERT_TRUE(m.vmm.socket->look(t));
  EXPECT_EQ(t.output().value, m.tables.hpa_of(page_gpa + 0x123));
  EXPECT_EQ(m.memory.calls, 0U);
}

TEST(nested_walker, without_a_second_stage_answers_the_same_address) {
  machine_config config = walking_machine::plain();
  config.tables.nested = false;
  walking_machine m(config);
  m.elaborate();
  const paging::domain c = m.tables.domain();
  nestwalk::protocol::translation<paging::gpa> t;
  t.address = paging::gpa(page_gpa + 0x123);
  t.domain = &c;
  sc_core::sc_time delay;
  ASSERT_TRUE(m.vmm.socket->translate(t, delay));
  EXPECT_EQ(t.output().value, page_gpa + 0x123);
  EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
}

/// Which entry memory cannot read: the guest's, or the nested one, of a level.
struct broken {
  bool nested;
  unsigned level;
  bool by_dmi;
};

class memory_error : public testing::TestWithParam<broken> {};

TEST_P(memory_error, names_stage_level_and_entry) {
  const broken b = GetParam();
  machine_config config = walking_machine::plain();
  config.guest.use_dmi = config.nested.use_dmi = b.by_dmi;
  walking_machine m(config);
  m.memory.grants_dmi = b.by_dmi;
  m.tables.map(page_gva, page_gpa);
  const std::uint64_t at = b.nested ? m.tables.nested.entry_address(page_gpa, b.level)
                                    : m.tables.hpa_of(m.tables.guest.entry_address(page_gva, b.level));
  m.memory.fail(at, at + 7);
  const asked a = m.translate(page_gva);
  ASSERT_FALSE(a.mapped);
  EXPECT_EQ(a.answer.fault.kind, paging::fault_kind::memory_error);
  EXPECT_EQ(a.answer.fault.stage, b.nested ? paging::stage_kind::nested : paging::stage_kind::guest);
  EXPECT_EQ(a.answer.fault.level, b.level);
  EXPECT_EQ(a.answer.fault.entry.value, at);
  const asked seen = m.look(page_gva);
  ASSERT_FALSE(seen.mapped);
  EXPECT_EQ(seen.answer.fault.kind, paging::fault_kind::memory_error);
  EXPECT_EQ(seen.answer.fault.entry.value, at);
}

INSTANTIATE_TEST_SUITE_P(of, memory_error,
                         testing::Values(broken{false, 1, false}, broken{false, 4, false}, broken{true, 1, false},
                                         broken{true, 1, true}, broken{false, 2, true}));

}  // namespace
