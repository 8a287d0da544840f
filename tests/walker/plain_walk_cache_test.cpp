// Walk caches of every shape beside a plain one: the same hits, the same victims, the same losses.
#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/walker/walk_cache.h"

namespace {

using namespace nestwalk;
using paging::gva;
using paging::selector;
using cache = walker::walk_cache<paging::gpa>;

constexpr unsigned level = 2;

/// The contract of one level by scans: replacement by least recent use, a free way first.
class plain_cache {
 public:
  plain_cache(unsigned entries, unsigned ways) : sets_(entries / ways, std::vector<held>(ways)) {}

  /// What was filled, or 0.
  std::uint64_t find(std::uint64_t prefix, const cache::key& k) {
    held* const h = search(prefix, k);
    if (h == nullptr) return 0;
    h->used = ++clock_;
    return h->name;
  }
  void fill(std::uint64_t prefix, const cache::key& k, std::uint64_t name) {
    held* h = search(prefix, k);
    if (h == nullptr) {
      std::vector<held>& set = sets_[prefix % sets_.size()];
      h = &set[0];
      for (held& way : set)
        if (way.used < h->used) h = &way;
    }
    *h = {prefix, k, name, ++clock_};
  }
  void invalidate(const selector& s) {
    if (!s.walk_caches) return;
    for (std::vector<held>& set : sets_)
      for (held& h : set)
        if (h.used != 0 && s.takes(h.under.tags.kind()) && s.tags_agree(h.under.tags, false)) h = {};
  }

 private:
  struct held {
    std::uint64_t prefix = 0;
    cache::key under;
    std::uint64_t name = 0;
    std::uint64_t used = 0;  // 0: free
  };

  held* search(std::uint64_t prefix, const cache::key& k) {
    for (held& h : sets_[prefix % sets_.size()])
      if (h.used != 0 && h.prefix == prefix && h.under == k) return &h;
    return nullptr;
  }

  std::uint64_t clock_ = 0;
  std::vector<std::vector<held>> sets_;
};

selector any_selector(std::mt19937& random, const paging::translation_tags& now) {
  const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
  switch (below(8)) {
    case 0: return paging::invlpg(gva(0x5000), now);
    case 1: return paging::mov_cr3(static_cast<std::uint16_t>(now.process), now);
    case 2: return paging::whole_vpid(now);
    case 3:
      return paging::invpcid(static_cast<paging::invpcid_type>(below(4)), static_cast<std::uint16_t>(now.process),
                             gva(0x5000), now);
    case 4: return paging::invept(static_cast<paging::invept_type>(1 + below(2)), now.second << 12);
    case 5: return paging::invvpid(static_cast<paging::invvpid_type>(below(4)), now.space, gva(0x5000));
    case 6: return paging::ept_violation_combined(gva(0x5000), now);
    default: return paging::vmrun(paging::tlb_control::nothing, now.space);
  }
}

void compare(unsigned entries, unsigned ways) {
  const char* const given = std::getenv("NESTWALK_SEED");
  const auto seed = given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 1;
  SCOPED_TRACE(testing::Message() << "NESTWALK_SEED=" << seed);
  std::mt19937 random(seed);
  const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
  paging::format format;
  format.levels = 4;
  format.level[level].shift = 21;
  walker::walk_cache_config config;
  config.pde = {entries, ways};
  cache tested(config, "cache");
  plain_cache plain(entries, ways == 0 ? entries : ways);
  unsigned hits = 0;
  for (unsigned i = 0; i < 30000; ++i) {
    const paging::translation_tags tags{static_cast<std::uint16_t>(below(2)), below(3), below(2)};
    const cache::key k{pack(tags, static_cast<paging::mapping_kind>(below(3)))};
    if (below(100) == 0) {
      const selector s = any_selector(random, tags);
      tested.invalidate(s);
      plain.invalidate(s);
    }
    const std::uint64_t prefix = std::uint64_t{below(2)} << 26 | below(1 + std::min(entries, 160u) / 16);
    const std::uint64_t expected = plain.find(prefix, k);
    const cache::content* const found = tested.find(format, prefix << 21, k);
    ASSERT_EQ(found == nullptr ? 0 : found->host.page.value >> 12, expected) << "operation " << i;
    hits += found != nullptr ? 1 : 0;
    if (found != nullptr && below(8) != 0) continue;
    cache::content c;
    c.host.page = paging::hpa(std::uint64_t{i + 1} << 12);
    tested.fill(format, prefix << 21, k, level, c);
    plain.fill(prefix, k, i + 1);
  }
  EXPECT_GT(hits, 500u);
}

TEST(walk_cache, of_few_ways_is_as_a_plain_one) {
  compare(32, 4);
}
TEST(walk_cache, that_is_fully_associative_is_as_a_plain_one) {
  compare(70, 0);
}
TEST(walk_cache, of_many_ways_is_as_a_plain_one) {
  compare(120, 24);
}
TEST(walk_cache, of_many_entries_is_as_a_plain_one) {
  compare(4128, 2);
}

}  // namespace
