// What invalidations take from a remapping unit's context cache and PASID cache.
#include "nestwalk/paging/vtd_selector.h"

#include <gtest/gtest.h>

namespace nestwalk::paging::vtd {
namespace {

constexpr std::uint16_t source = 0x0113;
constexpr bool legacy = false;
constexpr bool scalable = true;

TEST(vtd_selector, of_all_contexts_takes_any) {
  const context_selector s{granularity::global, 1, 0, 0};
  EXPECT_TRUE(s.takes(source, legacy, 2));
  EXPECT_TRUE(s.takes(source, scalable, 0));
}

TEST(vtd_selector, of_a_domains_contexts_takes_those_and_all_of_scalable_mode) {
  const context_selector s{granularity::domain, 1, 0, 0};
  EXPECT_TRUE(s.takes(source, legacy, 1));
  EXPECT_FALSE(s.takes(source, legacy, 2));
  EXPECT_TRUE(s.takes(source, scalable, 2));
}

TEST(vtd_selector, of_a_device_takes_the_functions_that_its_mask_covers) {
  const context_selector one{granularity::selective, 1, source, 0};
  EXPECT_TRUE(one.takes(source, legacy, 1));
  EXPECT_FALSE(one.takes(source ^ 4, legacy, 1));
  const context_selector two{granularity::selective, 1, source, 1};
  EXPECT_TRUE(two.takes(source ^ 4, scalable, 1));
  EXPECT_FALSE(two.takes(source ^ 2, scalable, 1));
  const context_selector eight{granularity::selective, 1, source, 3};
  EXPECT_TRUE(eight.takes(source ^ 7, legacy, 1));
  EXPECT_FALSE(eight.takes(source ^ 8, legacy, 1));
}

TEST(vtd_selector, of_pasids_takes_a_domains_or_one_of_them_or_all) {
  constexpr std::uint32_t pasid = 0x12345;
  const pasid_selector of_domain{pasid_granularity::domain, 1, pasid};
  EXPECT_TRUE(of_domain.takes(1, 9));
  EXPECT_FALSE(of_domain.takes(2, pasid));
  const pasid_selector of_pasid{pasid_granularity::pasid, 1, pasid};
  EXPECT_TRUE(of_pasid.takes(1, pasid));
  EXPECT_FALSE(of_pasid.takes(1, pasid ^ 0x1000));
  EXPECT_FALSE(of_pasid.takes(2, pasid));
  const pasid_selector of_all{pasid_granularity::global, 1, pasid};
  EXPECT_TRUE(of_all.takes(2, 9));
}

}  // namespace
}  // namespace nestwalk::paging::vtd
