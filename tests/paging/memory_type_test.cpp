#include "nestwalk/paging/memory_type.h"

#include <gtest/gtest.h>

#include "flat_memory.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::paging {
namespace {

using t = memory_type;

// SDM vol. 3, table 11-7: rows by the type below, columns by the PAT type.
struct row {
  t below;
  t uc, uc_minus, wc, wt, wb, wp;
};

constexpr row under_pat[] = {{t::uc, t::uc, t::uc, t::wc, t::uc, t::uc, t::uc},
                             {t::wc, t::uc, t::wc, t::wc, t::uc, t::wc, t::uc},
                             {t::wt, t::uc, t::uc, t::wc, t::wt, t::wt, t::wp},
                             {t::wb, t::uc, t::uc, t::wc, t::wt, t::wb, t::wp},
                             {t::wp, t::uc, t::wc, t::wc, t::wt, t::wp, t::wp}};

// APM vol. 2, table 15-19, the result taken through table 7-11 over WB memory (UC- is then UC; WC+ is WC here): rows by
// the host's PAT type, columns by the guest's.
constexpr row of_two_pats[] = {
    {t::uc, t::uc, t::uc, t::wc, t::uc, t::uc, t::uc}, {t::uc_minus, t::uc, t::uc, t::wc, t::uc, t::uc, t::uc},
    {t::wc, t::uc, t::wc, t::wc, t::uc, t::wc, t::uc}, {t::wt, t::uc, t::uc, t::wc, t::wt, t::wt, t::uc},
    {t::wb, t::uc, t::uc, t::wc, t::wt, t::wb, t::wp}, {t::wp, t::uc, t::uc, t::wc, t::uc, t::wp, t::wp}};

// A page of `guest` type in the guest's tables and `nested` in the second stage's, translated through both.
struct typed_page {
  nested_kind kind;
  t guest;
  t nested;
  bool ignore_pat = false;
  std::uint64_t cr0 = cr0::pe | cr0::pg;

  t effective() const {
    test::flat_memory m;
    const std::uint64_t type = kind == nested_kind::ept ? static_cast<std::uint64_t>(nested) << 3 : 0;
    const std::uint64_t flags = kind == nested_kind::ept ? 0x7 : 0x67;
    for (std::uint64_t level = 0; level < 3; ++level)
      m.qwords[0x100000 + level * 0x1000] = (0x101000 + level * 0x1000) | flags;
    for (std::uint64_t page = 0; page < 16; ++page)
      m.qwords[0x103000 + page * 8] = page << 12 | flags | type | (ignore_pat ? ept_entry::ignore_pat : 0);
    for (std::uint64_t level = 0; level < 4; ++level) m.qwords[level * 0x1000] = (0x1000 + level * 0x1000) | 0x67;
    paging_registers host;
    host.cr0 = cr0::pe | cr0::pg;
    host.cr4 = cr4::pae;
    host.efer = efer::lme | efer::lma | efer::nxe;
    paging_registers r = host;
    host.cr3 = 0x100000;
    host.pat = static_cast<std::uint64_t>(nested);
    r.cr0 = cr0;
    if ((cr0 & cr0::pg) == 0) r.efer = 0;
    r.pat = static_cast<std::uint64_t>(guest);
    domain c;
    c.guest = decode_guest(r, {});
    c.nested_on = true;
    ept_controls controls;
    controls.eptp = 0x100000 | 3 << 3 | 6;
    c.nested = kind == nested_kind::ept ? decode_ept(controls, {}) : decode_npt(host, {});
    const outcome o = two_stage_walk<test::flat_memory>(c, m).translate(gva(0x234), {});
    EXPECT_TRUE(o.mapped());
    return o.page.type;
  }
};

void expect_table(nested_kind kind, const row& r) {
  const std::pair<t, t> columns[] = {
      {t::uc, r.uc}, {t::uc_minus, r.uc_minus}, {t::wc, r.wc}, {t::wt, r.wt}, {t::wb, r.wb}, {t::wp, r.wp}};
  for (const auto& [guest, effective] : columns)
    EXPECT_EQ((typed_page{kind, guest, r.below}.effective()), effective)
        << name_of(guest) << " in " << name_of(r.below);
}

TEST(memory_types, of_ept_combine_with_the_pats_as_the_mtrrs_would) {
  for (const row& r : under_pat) expect_table(nested_kind::ept, r);
}
TEST(memory_types, of_two_pats_combine_as_the_table_of_nested_paging_says) {
  for (const row& r : of_two_pats) expect_table(nested_kind::npt, r);
}
TEST(memory_types, of_ept_hold_alone_where_the_entry_ignores_pat) {
  for (const t nested : {t::uc, t::wc, t::wt, t::wp, t::wb})
    for (const t guest : {t::uc, t::uc_minus, t::wc, t::wt, t::wp, t::wb})
      EXPECT_EQ((typed_page{nested_kind::ept, guest, nested, true}.effective()), nested);
}
TEST(memory_types, are_uc_where_cr0_cd_is_set_even_if_the_entry_ignores_pat) {
  for (const std::uint64_t paging : {std::uint64_t{0}, cr0::pg}) {
    const std::uint64_t cr0 = cr0::pe | cr0::cd | paging;
    EXPECT_EQ((typed_page{nested_kind::ept, t::wb, t::wb, false, cr0}.effective()), t::uc);
    EXPECT_EQ((typed_page{nested_kind::ept, t::wb, t::wb, true, cr0}.effective()), t::uc);
    EXPECT_EQ((typed_page{nested_kind::npt, t::wb, t::wb, false, cr0}.effective()), t::uc);
  }
}
TEST(memory_types, are_wb_of_the_guest_where_it_does_not_page) {
  for (const t nested : {t::uc, t::wc, t::wt, t::wp, t::wb})
    EXPECT_EQ((typed_page{nested_kind::ept, t::uc, nested, false, cr0::pe}.effective()), nested);
}

}  // namespace
}  // namespace nestwalk::paging
