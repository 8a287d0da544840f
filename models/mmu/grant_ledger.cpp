#include "mmu/grant_ledger.h"

namespace nestwalk::mmu {

void grant_ledger::add(const dmi_grant& g) {
  const key k{g.on, g.first, g.mapped.at.page, g.mapped.at.tags, g.asked.index(), g.keyed_by_context};
  const bool is_new = grants_.insert_or_assign(k, g).second;
  if (is_new && !g.keyed_by_context) ++unkeyed_;
}

template <class Condemned>
void grant_ledger::take_back_where(const Condemned& condemned) {
  for (auto at = grants_.begin(); at != grants_.end();) {
    if (!condemned(at->second)) {
      ++at;
      continue;
    }
    const dmi_grant gone = at->second;
    at = grants_.erase(at);
    if (!gone.keyed_by_context) --unkeyed_;
    revoke_(gone.on, gone.first, gone.last);
  }
}

void grant_ledger::take_back(const paging::selector& s) {
  take_back_where([&](const dmi_grant& g) { return tlb::selects<paging::gva>(s, g.mapped); });
}

void grant_ledger::take_back_memory(side on, std::uint64_t first, std::uint64_t last) {
  take_back_where(
      [&](const dmi_grant& g) { return g.on == on && g.host <= last && first <= g.host + (g.last - g.first); });
}

void grant_ledger::leave_space() {
  if (!any_unkeyed()) return;
  take_back_where([](const dmi_grant& g) { return !g.keyed_by_context; });
}

bool grant_ledger::permits(const paging::guest_stage& now, const dmi_grant& g, paging::access_mode mode) {
  const paging::rights r = g.mapped.mapping.granted;
  if (g.writable && !now.policy.hit_permits({paging::access_type::write, mode}, r)) return false;
  const bool fetch = g.asked.type == paging::access_type::fetch;
  return now.policy.hit_permits({fetch ? paging::access_type::fetch : paging::access_type::read, mode}, r);
}

void grant_ledger::judge(const paging::guest_stage& now) {
  if (!any_unkeyed()) return;
  take_back_where([&](const dmi_grant& g) { return !g.keyed_by_context && !permits(now, g, g.asked.mode); });
}

void grant_ledger::judge_mode(const paging::guest_stage& now, paging::access_mode mode) {
  take_back_where([&](const dmi_grant& g) { return !g.keyed_by_context && !permits(now, g, mode); });
}

}  // namespace nestwalk::mmu
