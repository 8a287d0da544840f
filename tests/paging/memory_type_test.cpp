#include "paging/memory_type.h"

#include <gtest/gtest.h>

namespace nestwalk::paging {
namespace {

using t = memory_type;

// SDM vol. 3, table 11-7: rows by the type below, columns by the PAT type.
struct row {
  t below;
  t uc, uc_minus, wc, wt, wb, wp;
};

TEST(memory_types, combine_as_the_table_says) {
  const row table[] = {{t::uc, t::uc, t::uc, t::wc, t::uc, t::uc, t::uc},
                       {t::wc, t::uc, t::wc, t::wc, t::uc, t::wc, t::uc},
                       {t::wt, t::uc, t::uc, t::wc, t::wt, t::wt, t::wp},
                       {t::wb, t::uc, t::uc, t::wc, t::wt, t::wb, t::wp},
                       {t::wp, t::uc, t::wc, t::wc, t::wt, t::wp, t::wp}};
  for (const row& r : table) {
    EXPECT_EQ(combine(t::uc, r.below), r.uc) << name_of(r.below);
    EXPECT_EQ(combine(t::uc_minus, r.below), r.uc_minus) << name_of(r.below);
    EXPECT_EQ(combine(t::wc, r.below), r.wc) << name_of(r.below);
    EXPECT_EQ(combine(t::wt, r.below), r.wt) << name_of(r.below);
    EXPECT_EQ(combine(t::wb, r.below), r.wb) << name_of(r.below);
    EXPECT_EQ(combine(t::wp, r.below), r.wp) << name_of(r.below);
  }
}

}  // namespace
}  // namespace nestwalk::paging
