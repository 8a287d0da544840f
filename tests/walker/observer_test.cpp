// What an observer is told of a walk.
#include <string>

#include <gtest/gtest.h>

#include "walker/walking_machine.h"

namespace {

using nestwalk::test::machine_config;
using nestwalk::test::page_gpa;
using nestwalk::test::page_gva;
using nestwalk::test::walking_machine;
namespace paging = nestwalk::paging;
namespace protocol = nestwalk::protocol;
namespace walker = nestwalk::walker;

/// Writes each event as a word.
class scribe : public walker::walk_observer {
 public:
  std::vector<std::string> events;
  std::vector<walker::table_read> reads_seen;
  std::vector<walker::table_exchange> exchanges_seen;

  std::string text() const {
    std::string all;
    for (const std::string& e : events) all += (all.empty() ? "" : " ") + e;
    return all;
  }

 private:
  static std::string name(paging::stage_kind s) { return s == paging::stage_kind::guest ? "g" : "n"; }
  void begins(const protocol::translation<paging::gva>&, const sc_core::sc_time&) override { events.push_back("G("); }
  void begins(const protocol::translation<paging::gpa>&, const sc_core::sc_time&) override { events.push_back("N("); }
  void begins_again(std::uint64_t, paging::stage_kind s) override { events.push_back("again-" + name(s)); }
  void starts_from_cache(const walker::walk_cache_hit& h) override {
    events.push_back("hit-" + name(h.stage) + std::to_string(h.level));
  }
  void reads(const walker::table_read& r) override {
    events.push_back(name(r.stage) + std::to_string(r.level));
    reads_seen.push_back(r);
  }
  void exchanges(const walker::table_exchange& e) override {
    events.push_back("x" + std::to_string(e.level));
    exchanges_seen.push_back(e);
  }
  void second_stage_answered(const protocol::translation<paging::gpa>&, bool mapped, sc_core::sc_time) override {
    events.push_back(mapped ? "@" : "!");
  }
  void ends(const protocol::translation<paging::gva>&, bool mapped, sc_core::sc_time) override {
    events.push_back(mapped ? ")" : ")fault");
  }
  void ends(const protocol::translation<paging::gpa>&, bool mapped, sc_core::sc_time) override {
    events.push_back(mapped ? ")" : ")fault");
  }
};

TEST(observer, is_told_of_every_read_of_a_two_dimensional_walk_in_order) {
  walking_machine m;
  scribe s;
  m.guest.observe(&s);
  m.nested.observe(&s);
  m.tables.map(page_gva, page_gpa);
  const auto a = m.translate(page_gva);
  EXPECT_EQ(s.text(),
            "G( N( n4 n3 n2 n1 ) @ g4 N( n4 n3 n2 n1 ) @ g3 N( n4 n3 n2 n1 ) @ g2 N( n4 n3 n2 n1 ) @ g1 "
            "N( n4 n3 n2 n1 ) @ )");
  ASSERT_EQ(s.reads_seen.size(), 24U);
  sc_core::sc_time sum;
  for (const auto& r : s.reads_seen) sum += r.latency;
  EXPECT_EQ(sum + sc_core::sc_time(24, sc_core::SC_NS), a.took);
  const walker::table_read& pte = s.reads_seen[19];
  EXPECT_EQ(pte.entry, m.tables.guest.entry_address(page_gva, 1));
  EXPECT_EQ(pte.at.value, m.tables.hpa_of(pte.entry));
  EXPECT_EQ(pte.value, m.tables.guest.read_entry(page_gva, 1));
  EXPECT_EQ(pte.served_by, protocol::memory_level::dram);
}

TEST(observer, is_told_of_exchanges_with_old_and_new_values) {
  walking_machine m;
  scribe s;
  m.guest.observe(&s);
  m.tables.map(page_gva, page_gpa);
  m.tables.guest.clear_flags(page_gva, 1, paging::x86_entry::a);
  m.translate(page_gva);
  EXPECT_EQ(s.text(), "G( @ g4 @ g3 @ g2 @ g1 x1 @ )");
  ASSERT_EQ(s.exchanges_seen.size(), 1U);
  EXPECT_EQ(s.exchanges_seen[0].expected | paging::x86_entry::a, s.exchanges_seen[0].desired);
  EXPECT_EQ(s.exchanges_seen[0].result, paging::exchange_result::stored);
}

TEST(observer, is_told_of_walk_cache_hits_and_walks_done_again) {
  machine_config config = walking_machine::plain();
  config.guest.caches.pde = {8, 0};
  walking_machine m(config);
  m.tables.map(page_gva, page_gpa);
  m.translate(page_gva);
  scribe s;
  m.guest.observe(&s);
  m.translate(page_gva + 4096);
  EXPECT_EQ(s.text(), "G( hit-g2 @ g1 again-g @ g4 @ g3 @ g2 @ g1 )fault");
}

TEST(observer, changes_neither_answer_nor_time_nor_counts) {
  machine_config config = walking_machine::plain();
  config.guest.use_dmi = true;  // the guest's reads by pointer, the nested ones by transport
  walking_machine m(config);
  m.memory.grants_dmi = true;
  m.tables.map(page_gva, page_gpa);
  m.translate(page_gva);
  const auto without = m.translate(page_gva);
  scribe s;
  m.guest.observe(&s);
  m.nested.observe(&s);
  const auto with = m.translate(page_gva);
  EXPECT_EQ(with.took, without.took);
  EXPECT_EQ(with.reads, without.reads);
  EXPECT_EQ(with.answer.output().value, without.answer.output().value);
  EXPECT_EQ(m.guest.counts().reads(), 3U * 4);
  EXPECT_EQ(s.reads_seen.size(), 24U);
}

}  // namespace
