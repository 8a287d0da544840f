// Isolation in scalable mode: devices, PASIDs and domains edited and invalidated at random; every answer is one that
// the invalidations so far leave open, and no request reads or writes any other page.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <memory>

#include <gtest/gtest.h>

#include "iommu/isolation_world.h"

namespace nestwalk::iommu {
namespace {

using test::cache_shape;
using test::cached_value;
using test::isolation_world;
using test::kept_tables;
using test::leaf_value;
using test::remapping_machine;
using test::stage_role;
using test::table_history;
using test::translation_shape;
namespace p = paging::vtd::pasid_entry;

constexpr std::array<std::uint16_t, 4> sources{0x0110, 0x0111, 0x0114, 0x0218};
// The first half are named by requests, the others stand for requests without one.
constexpr std::array<std::uint32_t, 8> pasids{0x00001, 0x01001, 0x80001, 0x00007, 0x00002, 0x01002, 0x80002, 0x00008};
constexpr unsigned named_pasids = 4;
constexpr unsigned domains = 3;

class isolation : public testing::TestWithParam<cache_shape> {
 protected:
  isolation() : world_(GetParam(), {sources.begin(), sources.end()}), machine_(world_.machine) {
    for (unsigned d = 0; d < domains; ++d) make_domain(d);
    for (const std::uint16_t s : sources) {
      machine_.put_context(s, pasids[named_pasids]);
      context_[s].now = named_pasids;
      for (unsigned n = 0; n < pasids.size(); ++n) {
        machine_.pasid_at(s, pasids[n]);
        assign(s, n, pick(domains));
        entry_[{s, n}].stale.clear();
      }
    }
    machine_.enable(true);
    machine_.start_queue();
  }

  unsigned pick(std::size_t below) { return world_.pick(below); }

  // First stage, second stage or nested, by domain and PASID: fixed, as their tags say.
  static unsigned pgtt_of(unsigned d, unsigned n) { return 1 + (d + n) % 3; }
  // The second stages of two domains have accessed and dirty flags.
  static bool has_flags(unsigned d) { return d != 0; }
  translation_shape shape_of(unsigned d, unsigned n) {
    translation_shape s = second_[d].shape;
    s.domain = static_cast<std::uint16_t>(d + 1);
    s.pgtt = pgtt_of(d, n);
    s.first_root = first_[d][n].shape.first_root;
    s.low_bits = has_flags(d) ? p::ssade : 0;
    return s;
  }
  static stage_role role_of(unsigned d, unsigned n) {
    return pgtt_of(d, n) == p::nested ? stage_role::first_of_nested : stage_role::first;
  }

  void make_domain(unsigned d) {
    kept_tables& second = second_[d];
    second.shape.second_root = machine_.tables.frame();
    world_.make_regions(second, second.shape.second_root, isolation_world::guest_base, remapping_machine::second_flags);
    for (unsigned n = 0; n < pasids.size(); ++n) {
      kept_tables& first = first_[d][n];
      first.shape = second.shape;
      first.shape.first_root = machine_.tables.frame();
      world_.make_regions(first, first.shape.first_root, isolation_world::linear_base,
                          remapping_machine::first_table_flags);
      if (pgtt_of(d, n) != p::nested) continue;
      for (unsigned region = 0; region < table_history::regions; ++region) {
        machine_.map_first_tables(first.shape, isolation_world::linear_base + region * isolation_world::region_bytes);
        for (const std::uint64_t table : first.table[region]) machine_.map_second(second.shape, table, table);
      }
    }
  }

  // The PASID entry of device and PASID names domain d; `domains`: it is not present.
  void assign(std::uint16_t s, unsigned n, unsigned d) {
    entry_[{s, n}].set(d);
    if (d == domains)
      machine_.memory.write(machine_.pasid_at(s, pasids[n]), 0);
    else
      machine_.put_pasid(s, pasids[n], shape_of(d, n));
  }

  void edit() {
    const unsigned d = pick(domains);
    const unsigned n = pick(pasids.size());
    ++world_.edits;
    switch (pick(8)) {
      case 0: return assign(sources[pick(sources.size())], n, pick(domains + 1));
      case 1: {
        const std::uint16_t s = sources[pick(sources.size())];
        const unsigned rid = named_pasids + pick(named_pasids);
        context_[s].set(rid);
        return machine_.put_context(s, pasids[rid]);
      }
      case 2:
      case 3:
      case 4: return world_.edit(second_[d], stage_role::second);
      default: return world_.edit(first_[d][n], role_of(d, n));
    }
  }

  // Invalidations: each is put into the queue and, once it is complete, told to the oracle.
  void invalidate() {
    switch (pick(4)) {
      case 0: return invalidate_contexts();
      case 1: return invalidate_pasids();
      case 2: return invalidate_domain();
      default: return invalidate_by_pasid();
    }
  }
  void invalidate_contexts() {
    const unsigned how = 1 + pick(3);
    const std::uint16_t source = sources[pick(sources.size())];
    const unsigned mask = pick(4);
    world_.submit(1 | how << 4 | std::uint64_t{1 + pick(domains)} << 16 | std::uint64_t{source} << 32 |
                  std::uint64_t{mask} << 48);
    constexpr unsigned masked[] = {0, 4, 6, 7};
    for (const std::uint16_t s : sources)
      if (how == 1 || (how == 3 && ((s ^ source) & ~masked[mask]) == 0)) context_[s].stale.clear();
  }
  void invalidate_pasids() {
    constexpr unsigned kinds[] = {0, 1, 3};
    const unsigned how = kinds[pick(3)];
    const unsigned d = pick(domains);
    const unsigned n = pick(pasids.size());
    world_.submit(7 | how << 4 | std::uint64_t{d + 1} << 16 | std::uint64_t{pasids[n]} << 32);
    for (auto& [key, value] : entry_) {
      if (how == 3) value.stale.clear();
      if (how == 0 || (how == 1 && key.second == n)) value.stale.erase(d);
    }
  }
  void invalidate_domain() {
    const unsigned how = 1 + pick(3);
    const unsigned d = pick(domains);
    const isolation_world::range r = world_.some_range();
    world_.submit(2 | how << 4 | std::uint64_t{d + 1} << 16, how == 3 ? r.qword(isolation_world::guest_base) : 0);
    for (unsigned of = 0; of < domains; ++of) {
      if (how != 1 && of != d) continue;
      if (how == 3)
        second_[of].history.invalidate(r.begin(), r.last(), r.hint);
      else
        second_[of].history.invalidate();
      for (unsigned n = 0; n < pasids.size(); ++n) first_[of][n].history.invalidate();
    }
  }
  void invalidate_by_pasid() {
    const unsigned how = 2 + pick(2);
    const unsigned d = pick(domains);
    const unsigned n = pick(pasids.size());
    const isolation_world::range r = world_.some_range();
    world_.submit(6 | how << 4 | std::uint64_t{d + 1} << 16 | std::uint64_t{pasids[n]} << 32,
                  how == 3 ? r.qword(isolation_world::linear_base) : 0);
    if (how == 3)
      first_[d][n].history.invalidate(r.begin(), r.last(), r.hint);
    else
      first_[d][n].history.invalidate();
  }

  // A request, as far as the oracle knows it.
  struct question {
    std::uint16_t source = 0;
    unsigned named = 0;
    unsigned region = 0;
    unsigned page = 0;
    bool second_only = false;
    remapping_machine::asked asked;
  };
  question some_question() {
    question q;
    q.source = sources[pick(sources.size())];
    q.asked.has_pasid = pick(4) != 0;
    q.named = pick(named_pasids);
    q.region = pick(table_history::regions);
    q.page = pick(table_history::pages);
    q.asked.write = pick(3) == 0;
    q.asked.pasid = pasids[q.named];
    // A second stage alone is asked for its own addresses.
    const unsigned d = domain_now(q);
    q.second_only = d != domains && pgtt_of(d, number_now(q)) == p::second_stage;
    q.asked.address = (q.second_only ? isolation_world::guest_base : isolation_world::linear_base) +
                      q.region * isolation_world::region_bytes + q.page * 0x1000 + (q.asked.write ? 8 : 0);
    return q;
  }
  unsigned number_now(const question& q) { return q.asked.has_pasid ? q.named : context_[q.source].now; }
  unsigned domain_now(const question& q) { return entry_[{q.source, number_now(q)}].now; }

  // Host pages that a request of PASID number n may reach in domain d: by everything that may be cached, or as the
  // tables stand.
  std::set<unsigned> reach(unsigned d, unsigned n, const question& q, bool fresh_only) {
    std::set<unsigned> pages;
    if (d == domains) return pages;
    const auto of = [&](const kept_tables& k, unsigned region, unsigned page) {
      return test::allowed(
          fresh_only ? std::set<leaf_value>{k.history.fresh(region, page)} : k.history.possible(region, page),
          q.asked.write);
    };
    const unsigned pgtt = pgtt_of(d, n);
    for (const leaf_value& v : of(pgtt == p::second_stage ? second_[d] : first_[d][n], q.region, q.page)) {
      if (pgtt != p::nested) {
        pages.insert(v.page);
        continue;
      }
      for (const leaf_value& second : of(second_[d], v.page / table_history::pages, v.page % table_history::pages))
        pages.insert(second.page);
    }
    return pages;
  }
  std::set<unsigned> possible(const question& q) {
    std::set<unsigned> pages;
    const std::set<unsigned> ways = q.asked.has_pasid ? std::set<unsigned>{q.named} : context_[q.source].possible();
    for (const unsigned n : ways)
      for (const unsigned d : entry_[{q.source, n}].possible())
        if (d != domains && (pgtt_of(d, n) == p::second_stage) == q.second_only) pages.merge(reach(d, n, q, false));
    return pages;
  }
  bool is_mapped(const question& q) { return !reach(domain_now(q), number_now(q), q, true).empty(); }

  // Makes a request and judges the answer. While memory waits, what is edited and invalidated meanwhile counts too.
  template <class Perform>
  void request(const Perform& perform) {
    const question q = some_question();
    const bool mapped = is_mapped(q);
    std::set<unsigned> open = possible(q);
    const std::uint64_t edits = world_.edits;
    std::uint64_t data = q.asked.write ? world_.next_stamp() : 0;
    const std::uint64_t stamp = data;
    const std::uint64_t number = ++requests_;
    in_flight_.insert(number);
    const bool ok = perform(q, data);
    in_flight_.erase(number);
    if (!ok) {
      EXPECT_FALSE(mapped && world_.edits == edits) << "blocked, and the tables allow it";
      return;
    }
    open.merge(possible(q));
    const unsigned found = q.asked.write ? world_.written(stamp) : static_cast<unsigned>(data);
    EXPECT_EQ(open.count(found), 1u) << "page " << found << " for source " << q.source << " PASID " << q.asked.pasid
                                     << " at " << std::hex << q.asked.address;
    if (GetParam().none() && world_.edits == edits) expect_flags(q);
  }
  bool perform_at_once(const question& q, std::uint64_t& data) {
    machine_.data = data;
    const bool ok = machine_.request(q.source, q.asked);
    data = machine_.data;
    if (!ok) machine_.clear_faults();
    return ok;
  }

  // What was just walked through has its accessed flag set and, where it was written through, its dirty flag.
  void expect_flags(const question& q) {
    const unsigned d = domain_now(q);
    const unsigned n = number_now(q);
    const auto expect = [&](const kept_tables& k, unsigned region, unsigned page, unsigned accessed) {
      const std::uint64_t flags = std::uint64_t{q.asked.write ? 3u : 1u} << accessed;
      EXPECT_EQ(machine_.memory.read(k.leaf_at(region, page)) & flags, flags) << std::hex << q.asked.address;
    };
    const unsigned pgtt = pgtt_of(d, n);
    unsigned region = q.region;
    unsigned page = q.page;
    if (pgtt != p::second_stage) {
      expect(first_[d][n], region, page, 5);
      const unsigned to = first_[d][n].history.fresh(region, page).page;
      region = to / table_history::pages;
      page = to % table_history::pages;
    }
    if (pgtt != p::first_stage && has_flags(d)) expect(second_[d], region, page, 8);
  }

  // Requests of one process, with a payload of its own.
  void run_requests(std::size_t operations, protocol::owned_payload& payload) {
    for (std::size_t n = 0; n < operations && !HasFailure(); ++n) {
      sc_core::wait(sc_core::sc_time(pick(40), sc_core::SC_NS));
      request(
          [&](const question& q, std::uint64_t& data) { return machine_.request(q.source, q.asked, payload, data); });
    }
  }

  template <class Perform>
  void run(std::size_t operations, const Perform& perform) {
    for (std::size_t n = 0; n < operations && !HasFailure(); ++n) {
      const unsigned what = pick(16);
      if (what < 3)
        edit();
      else if (what < 5)
        invalidate();
      else
        request(perform);
      if (HasFailure()) std::cout << "at operation " << n << '\n';
    }
  }

  isolation_world world_;
  remapping_machine& machine_;
  std::uint64_t requests_ = 0;
  std::set<std::uint64_t> in_flight_;
  std::array<kept_tables, domains> second_;
  std::array<std::array<kept_tables, pasids.size()>, domains> first_;
  std::map<std::uint16_t, cached_value<unsigned>> context_;                     // number of RID_PASID
  std::map<std::pair<std::uint16_t, unsigned>, cached_value<unsigned>> entry_;  // domain
};

TEST_P(isolation, every_answer_is_one_that_the_invalidations_leave_open) {
  run(isolation_world::operations(26'000),
      [this](const question& q, std::uint64_t& data) { return perform_at_once(q, data); });
}

// Memory waits: requests of three processes are in flight while software edits and invalidates, and a wait descriptor
// ends only when what began before it has ended.
TEST_P(isolation, holds_for_requests_in_flight_in_memory_that_waits) {
  constexpr unsigned devices = 3;
  const std::size_t operations = isolation_world::operations(12'000) / devices;
  machine_.memory.waits = true;
  machine_.inside_process = true;
  unsigned running = devices;
  const auto act_as_device = [&] {
    const auto payload = std::make_unique<protocol::owned_payload>();
    run_requests(operations, *payload);
    --running;
  };
  for (unsigned n = 0; n < devices; ++n) sc_core::sc_spawn(act_as_device);
  sc_core::sc_spawn([&] {
    while (running != 0 && !HasFailure()) {
      sc_core::wait(sc_core::sc_time(pick(100), sc_core::SC_NS));
      edit();
      if (pick(2) != 0) continue;
      const std::set<std::uint64_t> before = in_flight_;
      invalidate();
      for (const std::uint64_t each : before) EXPECT_EQ(in_flight_.count(each), 0u) << "a wait ended before a request";
    }
  });
  sc_core::sc_start();
  EXPECT_EQ(running, 0u) << "a request does not end";
}

INSTANTIATE_TEST_SUITE_P(shapes, isolation, testing::ValuesIn(test::cache_shapes),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace nestwalk::iommu
