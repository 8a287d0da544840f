// Domains made of device-table entries: the two stages' formats, and the reason of each fault in them.
#include "nestwalk/paging/vtd_domain.h"

#include <gtest/gtest.h>

#include "nestwalk/paging/two_stage_walk.h"
#include "paging/device_table_world.h"
#include "paging/flat_memory.h"

namespace nestwalk::paging::vtd {
namespace {

using test::everything;
using test::flat_memory;

constexpr std::uint64_t second_root = 0x1000;
constexpr std::uint64_t first_root = 0x80000;
constexpr std::uint64_t page = 0x7000;  // hpa
constexpr gpa in{0x40201234};
constexpr gva linear{0x7000'0234};
constexpr unsigned rw = 3;

// Second-stage tables of 4 levels that map gpa 0x40201000 to `page`, and the first stage's tables one to one.
flat_memory second_tables() {
  flat_memory m;
  m.qwords = {{0x1000, 0x2000 | rw}, {0x2008, 0x3000 | rw}, {0x3008, 0x4000 | rw},
              {0x4008, page | rw},   {0x2000, 0x5000 | rw}, {0x5000, 0x6000 | rw}};
  for (std::uint64_t n = 0x80; n < 0x84; ++n) m.qwords[0x6000 + n * 8] = n << 12 | rw;
  return m;
}
// First-stage tables that map `linear` to the page of `in`.
void add_first_tables(flat_memory& m) {
  m.qwords[0x80000] = 0x81000 | 0x27;
  m.qwords[0x81008] = 0x82000 | 0x27;
  m.qwords[0x82000 + 0x180 * 8] = 0x83000 | 0x27;
  m.qwords[0x83000] = 0x40201000 | 0x67;
}

assignment assigned(translation_kind kind) {
  assignment a;
  a.kind = kind;
  a.scalable = true;
  a.second_levels = 4;
  a.domain = 0x77;
  a.pasid = 0x12345;
  a.tells[0] = second_root;
  a.tells[1] = std::uint64_t{0x77} | pasid_entry::pwsnp;
  a.tells[2] = first_root | pasid_entry::wpe | pasid_entry::nxe;
  return a;
}
assignment legacy() {
  assignment a = assigned(translation_kind::second_stage);
  a.scalable = false;
  a.tells[1] = 0x7702;
  return a;
}

// The reason of a request of the second stage alone, none where it is translated.
reason second_only(flat_memory& m, const assignment& a, access_type type = access_type::read, gpa at = in) {
  const domain d = domain_of(a, everything());
  nested_access asked;
  asked.type = type;
  asked.linear_valid = false;
  const outcome o = two_stage_walk<flat_memory>(d, m).translate(at, asked);
  return o.mapped() ? reason::none : reason_of(o.failure, a, d);
}
reason first_or_both(flat_memory& m, const assignment& a, access_type type = access_type::read, gva at = linear) {
  const domain d = domain_of(a, everything());
  request r;
  r.access = type;
  const outcome o = two_stage_walk<flat_memory>(d, m).translate(at, first_stage_access(r, a));
  return o.mapped() ? reason::none : reason_of(o.failure, a, d);
}

TEST(vtd_second_stage, translates_with_the_rights_of_all_levels) {
  flat_memory m = second_tables();
  const assignment a = assigned(translation_kind::second_stage);
  EXPECT_EQ(second_only(m, a), reason::none);
  EXPECT_EQ(second_only(m, a, access_type::write), reason::none);
  EXPECT_EQ(m.reads.size(), 8u);
  m.qwords[0x2008] = 0x3000 | 1;
  EXPECT_EQ(second_only(m, a, access_type::write), reason::sm_write_denied);
  EXPECT_EQ(second_only(m, a), reason::none);
}

TEST(vtd_second_stage, levels_and_page_sizes_follow_the_entry) {
  assignment a = assigned(translation_kind::second_stage);
  a.second_levels = 3;
  a.tells[0] = 0x2000;
  flat_memory m = second_tables();
  EXPECT_EQ(second_only(m, a), reason::none);
  EXPECT_EQ(m.reads.size(), 3u);
  a = assigned(translation_kind::second_stage);
  m.qwords[0x3008] = std::uint64_t{0x200000} | 0x80 | rw;
  EXPECT_EQ(second_only(m, a), reason::none);
  m.qwords[0x2008] = std::uint64_t{0x40000000} | 0x80 | rw;
  EXPECT_EQ(second_only(m, a), reason::none);
  unit_capabilities small = everything();
  small.cap &= ~cap::sslps_1g;
  const domain d = domain_of(a, small);
  const outcome o = two_stage_walk<flat_memory>(d, m).translate(in, nested_access{});
  EXPECT_EQ(reason_of(o.failure, a, d), reason::sm_second_reserved);
}

// One thing wrong with the second stage's tables: what it is in scalable and in legacy mode.
TEST(vtd_second_stage, each_fault_has_its_reason_in_each_mode) {
  struct {
    const char* what;
    std::uint64_t at;
    std::uint64_t value;
    access_type type;
    reason scalable;
    reason legacy;
  } const cases[] = {
      {"leaf absent", 0x4008, 0, access_type::read, reason::sm_second_not_present, reason::read_denied},
      {"leaf absent, write", 0x4008, 0, access_type::write, reason::sm_second_not_present, reason::write_denied},
      {"table absent", 0x2008, 0x3000, access_type::read, reason::sm_second_not_present, reason::read_denied},
      {"read only", 0x4008, page | 1, access_type::write, reason::sm_write_denied, reason::write_denied},
      {"write only", 0x4008, page | 2, access_type::read, reason::sm_read_denied, reason::read_denied},
      {"table bit 11", 0x3008, 0x4000 | 0x800 | rw, access_type::read, reason::sm_second_reserved,
       reason::paging_entry_reserved},
      {"table bit 62", 0x3008, 0x4000 | std::uint64_t{1} << 62 | rw, access_type::read, reason::sm_second_reserved,
       reason::paging_entry_reserved},
      {"bit 46", 0x4008, page | std::uint64_t{1} << 46 | rw, access_type::read, reason::sm_second_reserved,
       reason::paging_entry_reserved},
      {"PS at level 4", 0x1000, 0x2000 | 0x80 | rw, access_type::read, reason::sm_second_reserved,
       reason::paging_entry_reserved},
      {"large page offset", 0x3008, 0x1000 | 0x80 | rw, access_type::read, reason::sm_second_reserved,
       reason::paging_entry_reserved},
      {"ignored bits", 0x4008, page | std::uint64_t{0xbff} << 52 | 0x778 | rw, access_type::read, reason::none,
       reason::none},
  };
  for (const auto& c : cases) {
    flat_memory m = second_tables();
    m.qwords[c.at] = c.value;
    EXPECT_EQ(second_only(m, assigned(translation_kind::second_stage), c.type), c.scalable) << c.what;
    EXPECT_EQ(second_only(m, legacy(), c.type), c.legacy) << c.what;
  }
}

TEST(vtd_second_stage, entries_that_together_give_no_right_are_as_one_that_gives_none) {
  flat_memory m = second_tables();
  m.qwords[0x2008] = 0x3000 | 1;
  m.qwords[0x4008] = page | 2;
  EXPECT_EQ(second_only(m, assigned(translation_kind::second_stage)), reason::sm_second_not_present);
  EXPECT_EQ(second_only(m, legacy()), reason::read_denied);
}

TEST(vtd_second_stage, memory_errors_tell_the_top_table_from_the_rest) {
  flat_memory m = second_tables();
  m.fails_at = 0x1000;
  EXPECT_EQ(second_only(m, assigned(translation_kind::second_stage)), reason::sm_second_root_unreadable);
  EXPECT_EQ(second_only(m, legacy()), reason::context_invalid);
  m.fails_at = 0x4008;
  EXPECT_EQ(second_only(m, assigned(translation_kind::second_stage)), reason::sm_second_unreadable);
  EXPECT_EQ(second_only(m, legacy()), reason::paging_entry_unreadable);
}

TEST(vtd_second_stage, snoop_and_transient_bits_are_those_of_leaves_on_units_that_have_them) {
  flat_memory m = second_tables();
  m.qwords[0x4008] = page | second_entry::snp | second_entry::tm | rw;
  EXPECT_EQ(second_only(m, legacy()), reason::none);
  unit_capabilities plain = everything();
  plain.ecap &= ~(ecap::sc | ecap::dt);
  const domain d = domain_of(legacy(), plain);
  for (const std::uint64_t bit : {second_entry::snp, second_entry::tm}) {
    m.qwords[0x4008] = page | bit | rw;
    EXPECT_FALSE(two_stage_walk<flat_memory>(d, m).translate(in, nested_access{}).mapped());
  }
}

TEST(vtd_second_stage, snoop_and_transient_bits_are_reserved_above_the_leaves) {
  for (const std::uint64_t bit : {second_entry::snp, second_entry::tm}) {
    for (const std::uint64_t at : {0x1000U, 0x2008U, 0x3008U}) {
      flat_memory m = second_tables();
      m.qwords[at] |= bit;
      EXPECT_EQ(second_only(m, legacy()), reason::paging_entry_reserved) << std::hex << at;
    }
  }
}

TEST(vtd_second_stage, flags_are_set_where_ssade_is) {
  flat_memory m = second_tables();
  assignment a = assigned(translation_kind::second_stage);
  second_only(m, a, access_type::write);
  EXPECT_TRUE(m.exchanges.empty());
  a.tells[0] |= pasid_entry::ssade;
  EXPECT_EQ(second_only(m, a, access_type::write), reason::none);
  EXPECT_EQ(m.qwords[0x1000], 0x2000u | rw | second_entry::a);
  EXPECT_EQ(m.qwords[0x4008], page | rw | second_entry::a | second_entry::d);
}

TEST(vtd_second_stage, a_flag_that_is_due_needs_snooped_walks) {
  flat_memory m = second_tables();
  assignment a = assigned(translation_kind::second_stage);
  a.tells[0] |= pasid_entry::ssade;
  a.tells[1] &= ~pasid_entry::pwsnp;
  EXPECT_EQ(second_only(m, a), reason::sm_second_flag_unsnooped);
}

TEST(vtd_second_stage, execution_needs_x_where_ssee_is_set) {
  flat_memory m = second_tables();
  assignment a = assigned(translation_kind::second_stage);
  EXPECT_EQ(second_only(m, a, access_type::fetch), reason::none);
  a.tells[0] |= pasid_entry::ssee;
  EXPECT_EQ(second_only(m, a, access_type::fetch), reason::sm_execute_denied);
}

TEST(vtd_second_stage, width_is_the_smaller_of_the_tables_and_the_units) {
  assignment a = legacy();
  EXPECT_EQ(address_bits(a, everything()), 48u);
  unit_capabilities unit = everything();
  unit.cap = (unit.cap & ~(std::uint64_t{0x3f} << cap::mgaw)) | std::uint64_t{45} << cap::mgaw;
  EXPECT_EQ(address_bits(a, unit), 46u);
  flat_memory m = second_tables();
  EXPECT_EQ(second_only(m, a, access_type::read, gpa(std::uint64_t{1} << 48)), reason::address_beyond_width);
  EXPECT_EQ(second_only(m, assigned(translation_kind::second_stage), access_type::read, gpa(std::uint64_t{1} << 50)),
            reason::sm_second_beyond_width);
}

TEST(vtd_first_stage, alone_takes_its_tables_as_host_physical) {
  flat_memory m;
  add_first_tables(m);
  const assignment a = assigned(translation_kind::first_stage);
  EXPECT_EQ(first_or_both(m, a, access_type::write), reason::none);
  EXPECT_EQ(m.reads.size(), 4u);
}

TEST(vtd_first_stage, five_levels_where_fspm_says_so) {
  flat_memory m;
  add_first_tables(m);
  m.qwords[0x84000] = first_root | 0x27;
  assignment a = assigned(translation_kind::first_stage);
  a.tells[2] = 0x84000 | 1 << pasid_entry::fspm;
  EXPECT_EQ(first_or_both(m, a), reason::none);
  EXPECT_EQ(m.reads.size(), 5u);
}

TEST(vtd_first_stage, each_fault_has_its_reason) {
  const std::uint64_t leaf = 0x83000;
  struct {
    const char* what;
    std::uint64_t value;
    access_type type;
    bool privileged;
    reason why;
  } const cases[] = {
      {"absent", 0, access_type::read, false, reason::sm_first_not_present},
      {"reserved", std::uint64_t{1} << 46 | 0x67, access_type::read, false, reason::sm_first_reserved},
      {"supervisor page", 0x40201000 | 0x63, access_type::read, false, reason::sm_user_denied},
      {"supervisor page, privileged", 0x40201000 | 0x63, access_type::read, true, reason::none},
      {"read only", 0x40201000 | 0x65, access_type::write, false, reason::sm_write_denied},
      {"read only, privileged, WPE", 0x40201000 | 0x65, access_type::write, true, reason::sm_write_denied},
      {"no execution", std::uint64_t{1} << 63 | 0x40201067, access_type::fetch, false, reason::sm_execute_denied},
  };
  for (const auto& c : cases) {
    flat_memory m;
    add_first_tables(m);
    m.qwords[leaf] = c.value;
    assignment a = assigned(translation_kind::first_stage);
    a.privileged = c.privileged;
    EXPECT_EQ(first_or_both(m, a, c.type), c.why) << c.what;
  }
}

TEST(vtd_first_stage, xd_is_reserved_without_nxe_only_on_units_with_execute_requests) {
  flat_memory m;
  add_first_tables(m);
  m.qwords[0x83000] |= std::uint64_t{1} << 63;
  assignment a = assigned(translation_kind::first_stage);
  a.tells[2] &= ~pasid_entry::nxe;
  EXPECT_EQ(first_or_both(m, a), reason::sm_first_reserved);
  unit_capabilities unit = everything();
  unit.ecap &= ~ecap::ers;
  const domain d = domain_of(a, unit);
  EXPECT_TRUE(two_stage_walk<flat_memory>(d, m).translate(linear, first_stage_access({}, a)).mapped());
}

TEST(vtd_first_stage, without_wpe_privileged_writes_pass_read_only_pages) {
  flat_memory m;
  add_first_tables(m);
  m.qwords[0x83000] = 0x40201000 | 0x65;
  assignment a = assigned(translation_kind::first_stage);
  a.privileged = true;
  a.tells[2] &= ~pasid_entry::wpe;
  EXPECT_EQ(first_or_both(m, a, access_type::write), reason::none);
}

TEST(vtd_first_stage, smep_keeps_privileged_requests_from_executing_user_pages) {
  flat_memory m;
  add_first_tables(m);
  assignment a = assigned(translation_kind::first_stage);
  a.privileged = true;
  EXPECT_EQ(first_or_both(m, a, access_type::fetch), reason::none);
  a.tells[2] |= pasid_entry::smep;
  EXPECT_EQ(first_or_both(m, a, access_type::fetch), reason::sm_execute_denied);
}

TEST(vtd_first_stage, addresses_must_be_canonical) {
  flat_memory m;
  add_first_tables(m);
  EXPECT_EQ(first_or_both(m, assigned(translation_kind::first_stage), access_type::read, gva(std::uint64_t{1} << 47)),
            reason::sm_not_canonical);
}

TEST(vtd_first_stage, eafe_sets_the_extended_accessed_flag_too) {
  flat_memory m;
  add_first_tables(m);
  assignment a = assigned(translation_kind::first_stage);
  EXPECT_EQ(first_or_both(m, a), reason::none);
  EXPECT_TRUE(m.exchanges.empty());
  a.tells[2] |= pasid_entry::eafe;
  EXPECT_EQ(first_or_both(m, a), reason::none);
  EXPECT_EQ(m.exchanges.size(), 4u);
  EXPECT_EQ(m.qwords[0x83000], 0x40201000u | 0x67 | extended_accessed);
}

TEST(vtd_first_stage, a_flag_that_is_due_needs_snooped_walks) {
  flat_memory m;
  add_first_tables(m);
  m.qwords[0x83000] = 0x40201000 | 7;
  assignment a = assigned(translation_kind::first_stage);
  a.tells[1] &= ~pasid_entry::pwsnp;
  EXPECT_EQ(first_or_both(m, a), reason::sm_first_flag_unsnooped);
}

TEST(vtd_first_stage, memory_errors_tell_the_top_table_from_the_rest) {
  flat_memory m;
  add_first_tables(m);
  m.fails_at = first_root;
  EXPECT_EQ(first_or_both(m, assigned(translation_kind::first_stage)), reason::sm_first_root_unreadable);
  m.fails_at = 0x83000;
  EXPECT_EQ(first_or_both(m, assigned(translation_kind::first_stage)), reason::sm_first_unreadable);
}

TEST(vtd_nested, four_levels_over_four_are_24_reads) {
  flat_memory m = second_tables();
  add_first_tables(m);
  EXPECT_EQ(first_or_both(m, assigned(translation_kind::nested)), reason::none);
  EXPECT_EQ(m.reads.size(), 24u);
}

TEST(vtd_nested, each_fault_of_the_second_stage_says_what_it_was_asked_for) {
  const auto frame = [](std::uint64_t table) { return 0x6000 + (table >> 12) * 8; };
  struct {
    const char* what;
    std::uint64_t at;
    std::uint64_t value;
    access_type type;
    reason why;
  } const cases[] = {
      {"top table not readable", frame(0x80000), 0x80000 | 2, access_type::read, reason::sm_first_root_read_denied},
      {"lower table not readable", frame(0x82000), 0x82000 | 2, access_type::read, reason::sm_first_read_denied},
      {"leaf table not readable", frame(0x83000), 0x83000 | 2, access_type::read, reason::sm_first_read_denied},
      {"top table absent", frame(0x80000), 0, access_type::read, reason::sm_second_not_present},
      {"lower table absent", frame(0x82000), 0, access_type::read, reason::sm_second_not_present},
      {"table entry reserved", frame(0x82000), 0x82000 | 0x800'0000'0000'0003 | std::uint64_t{1} << 48,
       access_type::read, reason::sm_second_reserved},
      {"data page read only", 0x4008, page | 1, access_type::write, reason::sm_write_denied},
      {"data page write only", 0x4008, page | 2, access_type::read, reason::sm_read_denied},
      {"data page absent", 0x4008, 0, access_type::read, reason::sm_second_not_present},
  };
  for (const auto& c : cases) {
    flat_memory m = second_tables();
    add_first_tables(m);
    m.qwords[c.at] = c.value;
    EXPECT_EQ(first_or_both(m, assigned(translation_kind::nested), c.type), c.why) << c.what;
  }
}

TEST(vtd_nested, a_flag_in_a_read_only_table_is_denied) {
  flat_memory m = second_tables();
  add_first_tables(m);
  m.qwords[0x6000 + 0x83 * 8] = 0x83000 | 1;
  EXPECT_EQ(first_or_both(m, assigned(translation_kind::nested)), reason::none);
  m.qwords[0x83000] = 0x40201000 | 7;
  EXPECT_EQ(first_or_both(m, assigned(translation_kind::nested)), reason::sm_first_flag_denied);
}

TEST(vtd_nested, with_ssade_a_table_must_be_writable_to_be_read) {
  flat_memory m = second_tables();
  add_first_tables(m);
  const std::uint64_t top = 0x6000 + 0x80 * 8;
  const std::uint64_t leaf = 0x6000 + 0x83 * 8;
  for (const auto& [at, why] :
       {std::pair{top, reason::sm_first_root_read_denied}, std::pair{leaf, reason::sm_first_read_denied}}) {
    flat_memory read_only = m;
    read_only.qwords[at] &= ~std::uint64_t{2};
    assignment a = assigned(translation_kind::nested);
    EXPECT_EQ(first_or_both(read_only, a), reason::none);
    a.tells[0] |= pasid_entry::ssade;
    EXPECT_EQ(first_or_both(read_only, a), why);
  }
}

TEST(vtd_nested, addresses_of_the_first_stage_beyond_the_second_have_reasons) {
  flat_memory m = second_tables();
  add_first_tables(m);
  assignment a = assigned(translation_kind::nested);
  a.second_levels = 3;
  a.tells[0] = 0x2000;
  m.qwords[0x82000 + 0x180 * 8] = std::uint64_t{1} << 40 | 0x83000 | 0x27;
  EXPECT_EQ(first_or_both(m, a), reason::sm_first_beyond_width);
  m.qwords[0x82000 + 0x180 * 8] = 0x83000 | 0x27;
  m.qwords[0x83000] = std::uint64_t{1} << 40 | 0x67;
  EXPECT_EQ(first_or_both(m, a), reason::sm_first_beyond_width);
}

TEST(vtd_domain, is_tagged_by_domain_and_where_a_first_stage_takes_part_by_pasid) {
  const domain first = domain_of(assigned(translation_kind::first_stage), everything());
  EXPECT_FALSE(first.nested_on);
  EXPECT_EQ(first.tags, (translation_tags{0x77, 0x12345, 0}));
  const domain nested = domain_of(assigned(translation_kind::nested), everything());
  EXPECT_TRUE(nested.nested_on);
  EXPECT_EQ(nested.tags, (translation_tags{0x77, 0x12345, 0x77}));
  const domain second = domain_of(legacy(), everything());
  EXPECT_EQ(second.tags, (translation_tags{0x77, 0, 0x77}));
}

// Which of nine mappings a descriptor takes: kind, domain, PASID and address of each.
struct cached {
  mapping_kind kind;
  std::uint16_t domain;
  std::uint32_t pasid;
  std::uint64_t page;
};
constexpr cached mappings[] = {
    {mapping_kind::linear, 1, 5, 0x1000},         {mapping_kind::linear, 1, 0x80005, 0x1000},
    {mapping_kind::linear, 2, 5, 0x1000},         {mapping_kind::combined, 1, 5, 0x1000},
    {mapping_kind::combined, 1, 6, 0x9000},       {mapping_kind::combined, 2, 5, 0x1000},
    {mapping_kind::guest_physical, 1, 0, 0x1000}, {mapping_kind::guest_physical, 1, 0, 0x9000},
    {mapping_kind::guest_physical, 2, 0, 0x1000}};

std::string taken(const descriptor& d) {
  const iotlb_selection s = selected_by(d);
  std::string digits;
  for (unsigned n = 0; n < std::size(mappings); ++n) {
    const cached& c = mappings[n];
    const packed_tags tags = pack({c.domain, c.pasid, c.domain}, c.kind);
    bool goes = false;
    for (unsigned i = 0; i < s.count; ++i)
      goes = goes || (s.of[i].takes(c.kind) && s.of[i].tags_agree(tags, false) && s.of[i].covers(c.page, 12));
    if (goes) digits += static_cast<char>('0' + n);
  }
  return digits;
}

TEST(vtd_invalidation, each_iotlb_granularity_takes_its_mappings) {
  descriptor d;
  d.type = descriptor_type::iotlb;
  d.how = granularity::global;
  EXPECT_EQ(taken(d), "012345678");
  d.how = granularity::domain;
  d.domain = 1;
  EXPECT_EQ(taken(d), "013467");
  d.how = granularity::selective;
  d.address = 0x1000;
  EXPECT_EQ(taken(d), "01346");  // all that a first stage took part in, and the second stage's page
  d.size_log2 = 16;
  d.address = 0;
  EXPECT_EQ(taken(d), "013467");
}

TEST(vtd_invalidation, each_pasid_granularity_takes_its_mappings) {
  descriptor d;
  d.type = descriptor_type::pasid_iotlb;
  d.how = granularity::domain;
  d.domain = 1;
  d.pasid = 5;
  EXPECT_EQ(taken(d), "0367");  // second-stage mappings are not tagged by PASID
  d.how = granularity::selective;
  d.address = 0x9000;
  EXPECT_EQ(taken(d), "");
  d.address = 0x1000;
  EXPECT_EQ(taken(d), "03");
}

TEST(vtd_invalidation, the_hint_spares_walk_caches_of_the_range_and_of_nothing_else) {
  descriptor d;
  d.type = descriptor_type::iotlb;
  d.how = granularity::selective;
  EXPECT_TRUE(selected_by(d).of[0].walk_caches);
  d.hint = true;
  const iotlb_selection s = selected_by(d);
  EXPECT_FALSE(s.of[0].walk_caches);
  EXPECT_TRUE(s.of[1].walk_caches);
  d.how = granularity::domain;
  EXPECT_TRUE(selected_by(d).of[0].walk_caches);
}

TEST(vtd_invalidation, the_interrupt_range_is_the_megabyte_of_fee) {
  EXPECT_TRUE(in_interrupt_range(0xfee00000));
  EXPECT_TRUE(in_interrupt_range(0xfeefffff));
  EXPECT_FALSE(in_interrupt_range(0xfef00000));
  EXPECT_FALSE(in_interrupt_range(0x1'fee00000));
}

}  // namespace
}  // namespace nestwalk::paging::vtd
