#include "nestwalk/translation/grant_ledger.h"

#include <algorithm>
#include <tuple>

namespace nestwalk::translation {

namespace {

bool is_guest_physical(const tlb::entry& e) {
  return e.tags().kind() == paging::mapping_kind::guest_physical;
}

// The page that software mapped, which an invalidation by address goes by.
unsigned software_log2(const tlb::entry& e) {
  return is_guest_physical(e) ? tlb::entry_rules<paging::gpa>::page_log2(e.mapping)
                              : tlb::entry_rules<paging::gva>::page_log2(e.mapping);
}

bool selects(const paging::selector& s, const tlb::entry& e) {
  return is_guest_physical(e) ? tlb::selects<paging::gpa>(s, e) : tlb::selects<paging::gva>(s, e);
}

constexpr std::uint64_t base_of(std::uint64_t address, unsigned log2) {
  return address >> log2 << log2;
}

// Pages are at least of 4 KBytes, so that the size has room beside the base.
constexpr std::uint64_t page_key(std::uint64_t base, unsigned log2) {
  return base | log2;
}

// What was granted before under another mapping stays: who holds it is to hear of its end too.
bool same(const dmi_grant& a, const dmi_grant& b) {
  const auto all = [](const dmi_grant& g) {
    const auto& m = g.mapped.mapping;
    return std::make_tuple(g.port, g.first, g.last, g.host, g.mapped.at.page, g.mapped.at.tags, g.mapped.at.process,
                           m.guest_size_log2, m.nested_size_log2, m.granted.bits, m.granted.key, g.asked.index(),
                           g.origin.context, g.writable, g.keyed_by_context);
  };
  return all(a) == all(b);
}

}  // namespace

bool grant_ledger::group_key::operator<(const group_key& other) const {
  const auto all = [](const group_key& k) {
    return std::make_tuple(k.keyed_by_context, k.domain.tags, k.domain.process, k.granted.bits, k.granted.key,
                           k.fetched, k.writable, k.mode);
  };
  return all(*this) < all(other);
}

grant_ledger::group_key grant_ledger::key_of(const dmi_grant& g) {
  return {g.keyed_by_context,
          tlb::domain_key(g.mapped.at),
          g.mapped.mapping.granted,
          g.asked.type == paging::access_type::fetch,
          g.writable,
          g.asked.mode};
}

std::uint64_t grant_ledger::linear_key(const dmi_grant& g) {
  const unsigned log2 = software_log2(g.mapped);
  return page_key(base_of(g.mapped.at.page, log2), log2);
}

std::uint64_t grant_ledger::host_key(const dmi_grant& g) {
  return page_key(g.mapped.mapping.page.value, g.mapped.mapping.size_log2());
}

grant_ledger::slot grant_ledger::find(const dmi_grant& g) const {
  // Of the two chains the one that is short: the fragments of a page share the one, the aliases of memory the other.
  const bool whole = software_log2(g.mapped) == g.mapped.mapping.size_log2();
  const keyed_slots& index = whole ? by_linear_ : by_host_;
  for (slot s = index.first(whole ? linear_key(g) : host_key(g)); s != none; s = index.next(s)) {
    if (same(records_[s].grant, g)) return s;
  }
  return none;
}

grant_ledger::slot grant_ledger::free_slot() {
  if (free_ == none) {
    const auto held = static_cast<slot>(records_.size());
    const slot room = std::max<slot>(16, 2 * held);
    records_.resize(room);
    by_linear_.grow(room);
    by_host_.grow(room);
    for (slot s = room; s-- > held;) {
      records_[s].after = free_;
      free_ = s;
    }
  }
  const slot s = free_;
  free_ = records_[s].after;
  return s;
}

void grant_ledger::add(const dmi_grant& g) {
  if (const slot known = find(g); known != none) remove(known);
  const slot s = free_slot();
  record& r = records_[s];
  r.grant = g;
  r.in = groups_.try_emplace(key_of(g)).first;
  r.before = none;
  r.after = r.in->second.first;
  if (r.after != none) records_[r.after].before = s;
  r.in->second.first = s;
  by_linear_.add(s, linear_key(g));
  by_host_.add(s, host_key(g));
  ++linear_sizes_[software_log2(g.mapped)];
  ++host_sizes_[g.mapped.mapping.size_log2()];
  ++live_;
  if (!g.keyed_by_context) ++unkeyed_;
}

void grant_ledger::remove(slot s) {
  record& r = records_[s];
  by_linear_.remove(s);
  by_host_.remove(s);
  --linear_sizes_[software_log2(r.grant.mapped)];
  --host_sizes_[r.grant.mapped.mapping.size_log2()];
  --live_;
  if (!r.grant.keyed_by_context) --unkeyed_;
  (r.before == none ? r.in->second.first : records_[r.before].after) = r.after;
  if (r.after != none) records_[r.after].before = r.before;
  if (r.in->second.first == none) groups_.erase(r.in);
  r.after = free_;
  free_ = s;
}

template <class Condemned>
void grant_ledger::condemn_groups(const Condemned& condemned) {
  for (const auto& [key, members] : groups_) {
    if (!condemned(key)) continue;
    for (slot s = members.first; s != none; s = records_[s].after) condemned_.push_back(s);
  }
  execute();
}

// Those of the pages that hold an address of [first, last], by whichever is fewer: these pages or the grants.
template <class Condemned>
void grant_ledger::condemn_pages(const keyed_slots& index, const std::array<std::uint32_t, 64>& sizes,
                                 std::uint64_t first, std::uint64_t last, const Condemned& condemned) {
  for (unsigned log2 = paging::page_4k; log2 < sizes.size(); ++log2)
    if (sizes[log2] != 0 && (last >> log2) - (first >> log2) > live_) return take_back_where(condemned);
  for (unsigned log2 = paging::page_4k; log2 < sizes.size(); ++log2) {
    if (sizes[log2] == 0) continue;
    for (std::uint64_t page = first >> log2; page <= last >> log2; ++page)
      for (slot s = index.first(page_key(page << log2, log2)); s != none; s = index.next(s))
        if (condemned(records_[s].grant)) condemned_.push_back(s);
  }
  execute();
}

// All are out of the ledger before the first is told of, so that who hears may ask for grants anew.
void grant_ledger::execute() {
  if (condemned_.empty()) return;
  struct range {
    unsigned port;
    std::uint64_t first;
    std::uint64_t last;
  };
  std::vector<range> gone;
  gone.reserve(condemned_.size());
  for (const slot s : condemned_) {
    const dmi_grant& g = records_[s].grant;
    gone.push_back({g.port, g.first, g.last});
    remove(s);
  }
  condemned_.clear();
  std::sort(gone.begin(), gone.end(), [](const range& a, const range& b) {
    return std::make_tuple(a.port, a.first, a.last) < std::make_tuple(b.port, b.first, b.last);
  });
  for (const range& r : gone) revoke_(r.port, r.first, r.last);
}

void grant_ledger::take_back(const paging::selector& s) {
  if (live_ == 0) return;
  const auto selected = [&](const dmi_grant& g) { return selects(s, g.mapped); };
  if (!s.by_address) return condemn_groups([&](const group_key& k) { return tlb::selects_tags(s, k.domain); });
  condemn_pages(by_linear_, linear_sizes_, s.first, s.last, selected);
}

void grant_ledger::take_back_memory(unsigned port, std::uint64_t first, std::uint64_t last) {
  condemn_pages(by_host_, host_sizes_, first, last, [&](const dmi_grant& g) {
    return g.port == port && g.host <= last && first <= g.host + (g.last - g.first);
  });
}

void grant_ledger::take_back_memory(std::uint64_t first, std::uint64_t last) {
  condemn_pages(by_host_, host_sizes_, first, last,
                [&](const dmi_grant& g) { return g.host <= last && first <= g.host + (g.last - g.first); });
}

void grant_ledger::leave_space() {
  if (!any_unkeyed()) return;
  condemn_groups([](const group_key& k) { return !k.keyed_by_context; });
}

bool grant_ledger::permits(const paging::guest_stage& now, const group_key& k, paging::access_mode mode) {
  using paging::access_type;
  if (k.writable && !now.policy.hit_permits({access_type::write, mode}, k.granted)) return false;
  return now.policy.hit_permits({k.fetched ? access_type::fetch : access_type::read, mode}, k.granted);
}

void grant_ledger::judge(const paging::guest_stage& now) {
  if (!any_unkeyed()) return;
  condemn_groups([&](const group_key& k) { return !k.keyed_by_context && !permits(now, k, k.mode); });
}

void grant_ledger::judge_mode(const paging::guest_stage& now, paging::access_mode mode) {
  condemn_groups([&](const group_key& k) { return !k.keyed_by_context && !permits(now, k, mode); });
}

}  // namespace nestwalk::translation
