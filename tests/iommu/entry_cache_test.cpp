// Context and PASID caches: what they keep, and what each invalidation takes.
#include <gtest/gtest.h>

#include "nestwalk/iommu/context_cache.h"

namespace nestwalk::iommu {
namespace {

using paging::vtd::context_selector;
using paging::vtd::granularity;
using paging::vtd::pasid_granularity;
using paging::vtd::pasid_selector;

entry_cache_config shape(unsigned entries, unsigned ways) {
  entry_cache_config c;
  c.entries = entries;
  c.ways = ways;
  return c;
}

kept_context of_domain(std::uint16_t domain) {
  kept_context k;
  k.domain = domain;
  return k;
}
kept_pasid of_pasid(std::uint16_t domain, std::uint32_t pasid) {
  kept_pasid k;
  k.domain = domain;
  k.pasid = pasid;
  return k;
}

TEST(entry_cache, ways_must_divide_entries) {
  EXPECT_THROW(context_cache(shape(10, 4), "iommu.context_cache"), input_error);
}

TEST(entry_cache, of_size_0_keeps_nothing) {
  context_cache c(shape(0, 0), "c");
  c.fill(1, {}, c.epoch());
  EXPECT_EQ(c.find(1), nullptr);
  EXPECT_EQ(c.counts().misses, 0u);
}

TEST(entry_cache, replaces_the_least_recently_used) {
  context_cache c(shape(2, 0), "c");
  c.fill(1, of_domain(1), c.epoch());
  c.fill(2, of_domain(2), c.epoch());
  c.find(1);
  c.fill(3, of_domain(3), c.epoch());
  EXPECT_NE(c.find(1), nullptr);
  EXPECT_EQ(c.find(2), nullptr);
  EXPECT_EQ(c.counts().evictions, 1u);
}

TEST(entry_cache, a_fill_that_an_invalidation_overtook_is_not_kept) {
  context_cache c(shape(4, 0), "c");
  const std::uint64_t since = c.epoch();
  c.drop(context_selector{});
  c.fill(1, of_domain(1), since);
  EXPECT_EQ(c.find(1), nullptr);
}

TEST(context_cache, each_granularity_takes_its_own) {
  const auto left = [](const context_selector& s) {
    context_cache c(shape(16, 0), "c");
    for (std::uint16_t source = 0x10; source < 0x18; ++source) c.fill(source, of_domain(source & 1), c.epoch());
    c.drop(s);
    std::vector<unsigned> still;
    for (unsigned source = 0x10; source < 0x18; ++source)
      if (c.find(source) != nullptr) still.push_back(source);
    return still;
  };
  using list = std::vector<unsigned>;
  EXPECT_EQ(left({granularity::global, 0, 0, 0}), list{});
  EXPECT_EQ(left({granularity::domain, 1, 0, 0}), (list{0x10, 0x12, 0x14, 0x16}));
  EXPECT_EQ(left({granularity::selective, 9, 0x13, 0}), (list{0x10, 0x11, 0x12, 0x14, 0x15, 0x16, 0x17}));
  EXPECT_EQ(left({granularity::selective, 9, 0x13, 1}), (list{0x10, 0x11, 0x12, 0x14, 0x15, 0x16}));
  EXPECT_EQ(left({granularity::selective, 9, 0x13, 2}), (list{0x10, 0x12, 0x14, 0x16}));
  EXPECT_EQ(left({granularity::selective, 9, 0x13, 3}), list{});
}

TEST(context_cache, scalable_entries_go_with_any_domain) {
  context_cache c(shape(4, 0), "c");
  kept_context k;
  k.scalable = true;
  c.fill(1, k, c.epoch());
  c.drop(context_selector{granularity::domain, 77, 0, 0});
  EXPECT_EQ(c.find(1), nullptr);
}

TEST(pasid_cache, each_granularity_takes_its_own) {
  const auto left = [](const pasid_selector& s) {
    pasid_cache c(shape(16, 0), "c");
    for (std::uint32_t n = 0; n < 4; ++n)
      c.fill(pasid_cache::key_of(1, n), of_pasid(static_cast<std::uint16_t>(n / 2), n), c.epoch());
    c.drop(s);
    std::vector<std::uint32_t> still;
    for (std::uint32_t n = 0; n < 4; ++n)
      if (c.find(pasid_cache::key_of(1, n)) != nullptr) still.push_back(n);
    return still;
  };
  using list = std::vector<std::uint32_t>;
  EXPECT_EQ(left({pasid_granularity::global, 0, 0}), list{});
  EXPECT_EQ(left({pasid_granularity::domain, 1, 0}), (list{0, 1}));
  EXPECT_EQ(left({pasid_granularity::pasid, 1, 3}), (list{0, 1, 2}));
  EXPECT_EQ(left({pasid_granularity::pasid, 0, 3}), (list{0, 1, 2, 3}));
}

TEST(pasid_cache, pasids_equal_in_their_low_12_bits_do_not_meet) {
  pasid_cache c(shape(16, 0), "c");
  c.fill(pasid_cache::key_of(1, 0x00123), of_pasid(1, 0x00123), c.epoch());
  EXPECT_EQ(c.find(pasid_cache::key_of(1, 0x80123)), nullptr);
  EXPECT_EQ(c.find(pasid_cache::key_of(1, 0x01123)), nullptr);
  c.drop(pasid_selector{pasid_granularity::pasid, 1, 0x80123});
  EXPECT_NE(c.find(pasid_cache::key_of(1, 0x00123)), nullptr);
}

}  // namespace
}  // namespace nestwalk::iommu
