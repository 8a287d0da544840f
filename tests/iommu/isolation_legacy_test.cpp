// Isolation in legacy mode: context entries name domains, and invalidations are commands in registers or descriptors of
// 128 bits.
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

constexpr std::array<std::uint16_t, 4> sources{0x0110, 0x0111, 0x0114, 0x0218};
constexpr unsigned domains = 3;

class legacy_isolation : public testing::TestWithParam<cache_shape> {
 protected:
  legacy_isolation() : world_(GetParam(), {sources.begin(), sources.end()}), machine_(world_.machine) {
    for (unsigned d = 0; d < domains; ++d) {
      second_[d].shape.second_root = machine_.tables.frame();
      second_[d].shape.domain = static_cast<std::uint16_t>(d + 1);
      world_.make_regions(second_[d], second_[d].shape.second_root, isolation_world::guest_base,
                          remapping_machine::second_flags);
    }
    for (const std::uint16_t s : sources) {
      context_[s].now = pick(domains);
      machine_.put_legacy(s, second_[context_[s].now].shape);
    }
    machine_.enable(false);
  }

  unsigned pick(std::size_t below) { return world_.pick(below); }

  void edit() {
    if (pick(3) != 0) return world_.edit(second_[pick(domains)], stage_role::second);
    const std::uint16_t s = sources[pick(sources.size())];
    const unsigned d = pick(domains);
    context_[s].set(d);
    machine_.put_legacy(s, second_[d].shape);
  }

  // By registers: the context command, and the IOTLB command over its address register.
  void invalidate_contexts() {
    const unsigned how = 1 + pick(3);
    const unsigned d = pick(domains);
    const std::uint16_t source = sources[pick(sources.size())];
    const unsigned mask = pick(4);
    machine_.set(0x28, 8,
                 std::uint64_t{1} << 63 | std::uint64_t{how} << 61 | std::uint64_t{mask} << 32 |
                     std::uint64_t{source} << 16 | (d + 1));
    constexpr unsigned masked[] = {0, 4, 6, 7};
    // A device's own entry is named by its domain too (6.5.1.1).
    for (const std::uint16_t s : sources) {
      if (how == 1)
        context_[s].stale.clear();
      else if (how == 2 || ((s ^ source) & ~masked[mask]) == 0)
        context_[s].stale.erase(d);
    }
  }
  void invalidate_mappings() {
    const unsigned how = 1 + pick(3);
    const unsigned d = pick(domains);
    const isolation_world::range r = world_.some_range();
    if (how == 3) machine_.set(0xf0, 8, r.qword(isolation_world::guest_base));
    machine_.set(0xf8, 8, std::uint64_t{1} << 63 | std::uint64_t{how} << 60 | std::uint64_t{d + 1} << 32);
    for (unsigned of = 0; of < domains; ++of) {
      if (how != 1 && of != d) continue;
      if (how == 3)
        second_[of].history.invalidate(r.begin(), r.last(), r.hint);
      else
        second_[of].history.invalidate();
    }
  }

  std::set<unsigned> reach(unsigned d, unsigned region, unsigned page, bool write, bool fresh_only) {
    const table_history& of = second_[d].history;
    std::set<unsigned> pages;
    for (const leaf_value& v :
         test::allowed(fresh_only ? std::set<leaf_value>{of.fresh(region, page)} : of.possible(region, page), write))
      pages.insert(v.page);
    return pages;
  }

  void request() {
    const std::uint16_t s = sources[pick(sources.size())];
    const unsigned region = pick(table_history::regions);
    const unsigned page = pick(table_history::pages);
    remapping_machine::asked a;
    a.write = pick(3) == 0;
    a.address =
        isolation_world::guest_base + region * isolation_world::region_bytes + page * 0x1000 + (a.write ? 8 : 0);
    std::set<unsigned> possible;
    for (const unsigned d : context_[s].possible()) possible.merge(reach(d, region, page, a.write, false));
    const std::uint64_t stamp = machine_.data = world_.next_stamp();
    if (!machine_.request(s, a)) {
      machine_.clear_faults();
      EXPECT_TRUE(reach(context_[s].now, region, page, a.write, true).empty()) << "blocked, and the tables allow it";
      return;
    }
    const unsigned found = a.write ? world_.written(stamp) : static_cast<unsigned>(machine_.data);
    EXPECT_EQ(possible.count(found), 1u) << "page " << found << " for source " << s << " at " << std::hex << a.address;
  }

  isolation_world world_;
  remapping_machine& machine_;
  std::array<kept_tables, domains> second_;
  std::map<std::uint16_t, cached_value<unsigned>> context_;  // domain
};

TEST_P(legacy_isolation, every_answer_is_one_that_the_invalidations_leave_open) {
  const std::size_t operations = isolation_world::operations(20'000);
  for (std::size_t n = 0; n < operations && !HasFailure(); ++n) {
    const unsigned what = pick(16);
    if (what < 3)
      edit();
    else if (what < 4)
      invalidate_contexts();
    else if (what < 5)
      invalidate_mappings();
    else
      request();
    if (HasFailure()) std::cout << "at operation " << n << '\n';
  }
}

INSTANTIATE_TEST_SUITE_P(shapes, legacy_isolation, testing::ValuesIn(test::cache_shapes),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace nestwalk::iommu
