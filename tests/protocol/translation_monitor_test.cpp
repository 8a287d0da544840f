// Each rule of the translation socket is broken once, and the monitor says so.
#include "nestwalk/protocol/translation_monitor.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_translator.h"
#include "support/kept_warnings.h"

namespace nestwalk::protocol {
namespace {

using paging::gva;
using test::fake_translator;
using test::translation_asker;

struct watched_translation : testing::Test {
  watched_translation() {
    asker.next.bind(monitor.requests);
    monitor.next_level.bind(answerer.requests);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  /// The one violation of an answer, or of a look, that `how` gives.
  std::string violation(const std::function<bool(translation<gva>&)>& how) {
    answerer.answer = how;
    asker.ask(0x5000, domain);
    return only();
  }
  std::string only() const {
    if (monitor.violations().empty()) return "none";
    return monitor.violations().size() == 1 ? monitor.violations().front() : "several";
  }
  static bool map(translation<gva>& t) {
    t.mapping.guest_size_log2 = 12;
    t.mapping.page = paging::hpa(0x9000);
    return true;
  }

  translation_asker<gva> asker{"asker"};
  translation_monitor<gva> monitor{"monitor"};
  fake_translator<gva> answerer{"answerer"};
  paging::domain domain;
  test::kept_warnings warnings;
};

TEST_F(watched_translation, lets_a_good_answer_pass) {
  EXPECT_EQ(violation(map), "none");
  EXPECT_EQ(asker.t.output().value, 0x9000u);
  EXPECT_EQ(asker.spent, answerer.latency);
  EXPECT_EQ(monitor.translations(), 1u);
}
TEST_F(watched_translation, reports_an_address_that_changed) {
  EXPECT_EQ(violation([](auto& t) { return t.address = gva(0x6000), map(t); }), "the address changed over translate");
}
TEST_F(watched_translation, reports_a_question_that_changed) {
  EXPECT_EQ(violation([](auto& t) { return t.question.type = paging::access_type::write, map(t); }),
            "the question changed over translate");
}
TEST_F(watched_translation, reports_a_context_that_changed) {
  EXPECT_EQ(violation([](auto& t) { return t.domain = nullptr, map(t); }), "the domain changed over translate");
}
TEST_F(watched_translation, reports_a_mapping_that_is_not_aligned) {
  EXPECT_EQ(violation([](auto& t) { return map(t), t.mapping.page = paging::hpa(0x9008), true; }),
            "translate answered with a mapping that is not aligned");
}
TEST_F(watched_translation, reports_a_mapping_of_no_pages_size) {
  EXPECT_EQ(violation([](auto& t) { return map(t), t.mapping.guest_size_log2 = 3, true; }),
            "translate answered with a mapping of no page's size");
}
TEST_F(watched_translation, reports_a_failure_without_a_fault) {
  EXPECT_EQ(violation([](auto&) { return false; }), "translate failed without a fault");
}
TEST_F(watched_translation, watches_looks_too) {
  answerer.answer = [](auto& t) { return t.uncached = true, map(t); };
  translation<gva> t;
  t.domain = &domain;
  EXPECT_TRUE(asker.next->look(t));
  EXPECT_EQ(only(), "`uncached` changed over look");
  EXPECT_EQ(monitor.looks(), 1u);
}
TEST_F(watched_translation, reports_a_range_that_ends_before_it_starts) {
  paging::selector s;
  s.by_address = true;
  s.first = 2;
  s.last = 1;
  asker.invalidate(s);
  EXPECT_EQ(only(), "an invalidation's range ends before it starts");
  EXPECT_EQ(answerer.invalidations, 1u) << "passed on all the same";
}
TEST_F(watched_translation, passes_withdrawals_up) {
  answerer.withdraw({});
  EXPECT_EQ(asker.withdrawals, 1u);
}
TEST_F(watched_translation, makes_each_violation_a_warning) {
  violation([](auto&) { return false; });
  ASSERT_EQ(warnings.all().size(), 1u);
  EXPECT_NE(warnings.all().front().find("monitor: translate failed"), std::string::npos);
}

}  // namespace
}  // namespace nestwalk::protocol
