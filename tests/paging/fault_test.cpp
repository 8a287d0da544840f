// A fault keeps what happened, whatever the architecture reports of it.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "flat_memory.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::paging {
namespace {

using test::flat_memory;

// 4-level guest tables from guest-physical 0x1000 on that map 0x7000'0000 to `leaf`; nested 4K pages map 1:1, those of
// `absent` excepted.
struct two_stages {
  domain d;
  flat_memory memory;

  explicit two_stages(std::uint64_t leaf = 0x9027, std::uint64_t absent = 0) {
    paging_registers r;
    r.cr0 = cr0::pg | cr0::pe | cr0::wp;
    r.cr3 = 0x1000;
    r.cr4 = cr4::pae;
    r.efer = efer::lme | efer::lma | efer::nxe;
    d.guest = decode_guest(r, {});
    d.nested = decode_ept({0x100000 | 3 << 3 | 6, false, false}, {});
    d.nested_on = true;
    memory.qwords = {{0x1000, 0x2027}, {0x2008, 0x3027}, {0x3000 + 8 * 384, 0x4027}, {0x4000, leaf}};
    memory.qwords[0x100000] = 0x101007;
    memory.qwords[0x101000] = 0x102007;
    memory.qwords[0x102000] = 0x103007;
    for (std::uint64_t page = 0x1000; page < 0x10000; page += 0x1000)
      if (page != absent) memory.qwords[0x103000 + (page >> 9)] = page | 0x37;
  }
  fault of(access a) { return two_stage_walk<flat_memory>(d, memory).translate(gva(0x7000'0000), a).failure; }
};

TEST(fault, of_rights_keeps_what_the_entries_gave) {
  two_stages t(0x9025);
  const fault f = t.of({access_type::write, access_mode::user});
  EXPECT_EQ(f.cause, walk_cause::forbidden);
  EXPECT_EQ(f.type, access_type::write);
  EXPECT_EQ(f.level, 1u);
  EXPECT_EQ(f.granted.bits & rights::guest_mask, rights::user | rights::executable);
  EXPECT_EQ(f.error_code, pf::p | pf::wr | pf::us);
}

TEST(fault, of_an_entry_that_is_not_present_keeps_its_level) {
  two_stages t(0);
  t.memory.qwords[0x2008] = 0;
  const fault f = t.of({access_type::read, access_mode::user});
  EXPECT_EQ(f.cause, walk_cause::not_present);
  EXPECT_EQ(f.stage, stage_kind::guest);
  EXPECT_EQ(f.level, 3u);
}

TEST(fault, of_the_second_stage_names_the_guest_table_that_was_wanted) {
  two_stages t(0x9027, 0x3000);
  const fault f = t.of({access_type::read, access_mode::user});
  EXPECT_EQ(f.kind, fault_kind::ept_violation);
  EXPECT_EQ(f.cause, walk_cause::not_present);
  EXPECT_EQ(f.stage, stage_kind::nested);
  EXPECT_EQ(f.why, purpose::table_entry);
  EXPECT_EQ(f.table_level, 2u);
  EXPECT_EQ(f.level, 1u);
}

TEST(fault, of_the_second_stage_for_the_data_names_no_table) {
  two_stages t(0x9027, 0x9000);
  const fault f = t.of({access_type::write, access_mode::user});
  EXPECT_EQ(f.why, purpose::data_page);
  EXPECT_EQ(f.type, access_type::write);
  EXPECT_EQ(f.table_level, 0u);
}

TEST(fault, of_memory_keeps_where) {
  two_stages t;
  t.memory.fails_at = 0x103000 + (0x2000 >> 9);
  const fault f = t.of({access_type::read, access_mode::user});
  EXPECT_EQ(f.kind, fault_kind::memory_error);
  EXPECT_EQ(f.cause, walk_cause::memory_error);
  EXPECT_EQ(f.entry.value, 0x103010u);
  EXPECT_EQ(f.level, 1u);
}

TEST(fault, kinds_have_names_and_titles_of_their_own) {
  std::set<std::string> names;
  std::set<std::string> titles;
  for (unsigned kind = 0; kind < fault_kinds; ++kind) {
    names.insert(name_of(static_cast<fault_kind>(kind)));
    titles.insert(title_of(static_cast<fault_kind>(kind)));
  }
  EXPECT_EQ(names.size(), fault_kinds);
  EXPECT_EQ(titles.size(), fault_kinds);
}

}  // namespace
}  // namespace nestwalk::paging
