// The ledger beside a plain list that looks at every grant: what each operation takes back is the same.
#include "nestwalk/translation/grant_ledger.h"

#include <algorithm>
#include <iostream>
#include <random>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/paging/registers.h"
#include "support/environment.h"

namespace {

using namespace nestwalk;
using paging::access_mode;
using paging::access_type;
using translation::dmi_grant;

using range = std::tuple<unsigned, std::uint64_t, std::uint64_t>;

struct plain_list {
  std::vector<dmi_grant> grants;
  std::vector<range> gone;

  static auto identity(const dmi_grant& g) {
    const auto& m = g.mapped.mapping;
    return std::make_tuple(g.port, g.first, g.last, g.host, g.mapped.at.page, g.mapped.at.tags, g.mapped.at.process,
                           m.guest_size_log2, m.nested_size_log2, m.granted.bits, m.granted.key, g.asked.index(),
                           g.writable, g.keyed_by_context);
  }
  void add(const dmi_grant& g) {
    const auto same = [&](const dmi_grant& other) { return identity(other) == identity(g); };
    grants.erase(std::remove_if(grants.begin(), grants.end(), same), grants.end());
    grants.push_back(g);
  }
  template <class Condemned>
  void take(const Condemned& condemned) {
    gone.clear();
    const auto going =
        std::stable_partition(grants.begin(), grants.end(), [&](const auto& g) { return !condemned(g); });
    for (auto g = going; g != grants.end(); ++g) gone.emplace_back(g->port, g->first, g->last);
    grants.erase(going, grants.end());
    std::sort(gone.begin(), gone.end());
  }
};

struct beside_a_list : testing::Test {
  std::uint64_t seed = test::from_environment("NESTWALK_SEED", 1);
  std::mt19937_64 draw{seed};
  plain_list plain;
  std::vector<range> gone;
  translation::grant_ledger ledger{
      [this](unsigned port, std::uint64_t first, std::uint64_t last) { gone.emplace_back(port, first, last); }};
  access_mode mode = access_mode::supervisor_ac;

  std::uint64_t below(std::uint64_t n) { return draw() % n; }

  paging::guest_stage policy() {
    paging::rights_policy::controls c;
    c.write_protect = below(2) != 0;
    c.supervisor_execute_prevention = below(2) != 0;
    c.supervisor_access_prevention = below(2) != 0;
    c.user_keys = true;
    c.pkru = static_cast<std::uint32_t>(below(256));
    paging::guest_stage now;
    now.policy = paging::rights_policy(c);
    return now;
  }

  paging::domain domain() {
    paging::domain d;
    d.nested_on = below(2) != 0;
    d.tags = {static_cast<std::uint16_t>(below(2)), static_cast<std::uint32_t>(below(3)), below(2)};
    return d;
  }

  dmi_grant grant() {
    static constexpr unsigned sizes[] = {12, 12, 21, 30};
    dmi_grant g;
    paging::mapping<paging::hpa> m;
    m.guest_size_log2 = static_cast<std::uint8_t>(sizes[below(4)]);
    m.nested_size_log2 = static_cast<std::uint8_t>(below(3) == 0 ? 63 : sizes[below(4)]);
    const unsigned log2 = m.size_log2();
    m.granted = {static_cast<std::uint8_t>(draw() | paging::rights::nested_read), static_cast<std::uint8_t>(below(3))};
    m.global = below(4) == 0;
    m.page = paging::hpa(below(64) << 12 << below(3) * 9).base(log2);
    const paging::gva at(below(64) << 12 << below(3) * 9);
    g.mapped = tlb::entry_of(tlb::key_of(at, domain()), tlb::page_size_index(log2), m);
    g.mapped.at.page = at.base(log2).value;
    const std::uint64_t cut = below(2) != 0 ? 0 : at.base(12).value - g.mapped.at.page;
    g.first = g.mapped.at.page + cut;
    g.last = g.mapped.at.page + (std::uint64_t{1} << log2) - 1;
    g.host = m.page.value + cut;
    g.port = static_cast<unsigned>(below(2));
    g.asked = {static_cast<access_type>(below(3)), static_cast<access_mode>(below(3))};
    g.writable = below(2) != 0;
    g.keyed_by_context = below(2) != 0;
    return g;
  }

  paging::selector selector() {
    paging::selector s;
    s.linear = below(2) != 0;
    s.combined = below(2) != 0;
    s.match_space = below(2) != 0;
    s.match_process = below(2) != 0;
    s.match_second = below(2) != 0;
    s.globals = below(2) != 0;
    s.tags = domain().tags;
    s.by_address = below(3) != 0;
    s.first = below(1 << 20) << below(20);
    s.last = s.first + (below(2) != 0 ? 0 : below(std::uint64_t{1} << below(32)));
    return s;
  }

  static bool permits(const paging::guest_stage& now, const dmi_grant& g, access_mode by) {
    const auto may = [&](access_type type) { return now.policy.hit_permits({type, by}, g.mapped.mapping.granted); };
    return (!g.writable || may(access_type::write)) &&
           may(g.asked.type == access_type::fetch ? access_type::fetch : access_type::read);
  }

  void flush() {
    const paging::selector s = selector();
    ledger.take_back(s);
    plain.take([&](const dmi_grant& g) { return tlb::selects<paging::gva>(s, g.mapped); });
  }
  void memory() {
    const auto port = static_cast<unsigned>(below(2));
    const std::uint64_t first = below(1 << 18) << below(16);
    const std::uint64_t last = first + below(std::uint64_t{1} << below(34));
    ledger.take_back_memory(port, first, last);
    plain.take(
        [&](const dmi_grant& g) { return g.port == port && g.host <= last && first <= g.host + (g.last - g.first); });
  }
  void judged() {
    const paging::guest_stage now = policy();
    ledger.judge(now);
    plain.take([&](const dmi_grant& g) { return !g.keyed_by_context && !permits(now, g, g.asked.mode); });
  }
  void other_mode() {
    const paging::guest_stage now = policy();
    const auto next = static_cast<access_mode>(below(3));
    ledger.seen(next, now);
    plain.take([&](const dmi_grant& g) { return next != mode && !g.keyed_by_context && !permits(now, g, next); });
    mode = next;
  }
  void space() {
    ledger.leave_space();
    plain.take([](const dmi_grant& g) { return !g.keyed_by_context; });
  }
};

TEST_F(beside_a_list, every_operation_takes_back_the_same) {
  std::cout << "seed " << seed << "\n";
  std::size_t most = 0, taken = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    gone.clear();
    plain.gone.clear();
    switch (below(40)) {
      case 0: judged(); break;
      case 1: other_mode(); break;
      case 2: memory(); break;
      case 3:
        if (below(8) == 0) space();
        break;
      case 4:
      case 5: flush(); break;
      default: {
        const dmi_grant g = grant();
        ledger.add(g);
        plain.add(g);
      }
    }
    ASSERT_EQ(gone, plain.gone) << "at operation " << i << " of seed " << seed;
    ASSERT_EQ(ledger.size(), plain.grants.size()) << "at operation " << i << " of seed " << seed;
    most = std::max(most, ledger.size());
    taken += gone.size();
  }
  EXPECT_GT(most, 50u);
  EXPECT_GT(taken, 1000u);
}

TEST(grant_ledger, who_hears_of_a_grants_end_may_ask_for_another) {
  translation::grant_ledger* self = nullptr;
  unsigned told = 0;
  dmi_grant g;
  paging::mapping<paging::hpa> m;
  m.guest_size_log2 = 12;
  paging::domain d;
  g.mapped = tlb::entry_of(tlb::key_of(paging::gva(0x1000), d), 0, m);
  g.first = 0x1000;
  g.last = 0x1fff;
  translation::grant_ledger ledger([&](unsigned, std::uint64_t, std::uint64_t) {
    ++told;
    if (told < 3) self->add(g);
  });
  self = &ledger;
  ledger.add(g);
  ledger.take_back(paging::invlpg(paging::gva(0x1008), d.tags));
  EXPECT_EQ(told, 1u);
  EXPECT_EQ(ledger.size(), 1u);
}

}  // namespace
