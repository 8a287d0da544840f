// AMD's guest mode execute trap: U/S of the nested tables says in which mode code may run, and nothing else.
#include <gtest/gtest.h>

#include "flat_memory.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::paging {
namespace {

using test::flat_memory;

constexpr gpa mapped{0x40201234};

paging_registers host_registers(std::uint64_t host_efer = efer::lme | efer::lma | efer::nxe) {
  paging_registers host;
  host.cr0 = cr0::pe | cr0::pg;
  host.cr4 = cr4::pae;
  host.efer = host_efer;
  host.cr3 = 0x1000;
  return host;
}

outcome ask(bool trap, std::uint64_t leaf, const nested_access& a, std::uint64_t upper = 0x3067) {
  flat_memory m;
  m.qwords = {{0x1000, 0x2067}, {0x2008, upper}, {0x3008, 0x4067}, {0x4008, leaf}};
  domain c;
  c.nested_on = true;
  c.nested = decode_npt(host_registers(), {}, trap);
  return two_stage_walk<flat_memory>(c, m).translate(mapped, a);
}
nested_access by(access_type type, bool user, rights linear = rights{}) {
  nested_access a;
  a.type = type;
  a.user = user;
  a.linear_rights = linear;
  return a;
}

constexpr std::uint64_t user_page = 0x9067;
constexpr std::uint64_t supervisor_page = 0x9063;
constexpr auto fetch = access_type::fetch;

struct trap_case {
  const char* what;
  bool on;
  std::uint64_t leaf;
  access_type type;
  bool user;
  std::uint64_t fault;  ///< EXITINFO1, 0 where it is allowed
  friend void PrintTo(const trap_case& c, std::ostream* out) { *out << c.what; }
};
class guest_mode_execute_trap : public testing::TestWithParam<trap_case> {};
TEST_P(guest_mode_execute_trap, judges) {
  const trap_case& c = GetParam();
  const outcome o = ask(c.on, c.leaf, by(c.type, c.user));
  EXPECT_EQ(o.failure.kind, c.fault != 0 ? fault_kind::nested_page_fault : fault_kind::none);
  EXPECT_EQ(o.failure.qualification, c.fault);
}
constexpr std::uint64_t final_fault = npf::final_address | pf::p;
INSTANTIATE_TEST_SUITE_P(
    accesses, guest_mode_execute_trap,
    testing::Values(trap_case{"off: supervisor code in a user page", false, user_page, fetch, false, 0},
                    trap_case{"off: supervisor code in a supervisor page", false, supervisor_page, fetch, false,
                              final_fault | pf::us | pf::id},
                    trap_case{"supervisor code in a user page", true, user_page, fetch, false, final_fault | pf::id},
                    trap_case{"supervisor code in a supervisor page", true, supervisor_page, fetch, false, 0},
                    trap_case{"user code in a user page", true, user_page, fetch, true, 0},
                    trap_case{"user code in a supervisor page", true, supervisor_page, fetch, true,
                              final_fault | pf::us | pf::id},
                    trap_case{"user read of a supervisor page", true, supervisor_page, access_type::read, true, 0},
                    trap_case{"user write of a supervisor page", true, supervisor_page, access_type::write, true, 0},
                    trap_case{"supervisor read of a user page", true, user_page, access_type::read, false, 0},
                    trap_case{"supervisor write of a user page", true, user_page, access_type::write, false, 0},
                    trap_case{"supervisor write of a read-only page", true, 0x9065, access_type::write, false,
                              final_fault | pf::wr},
                    trap_case{"supervisor code in a supervisor page with XD", true, supervisor_page | x86_entry::xd,
                              fetch, false, final_fault | pf::id},
                    trap_case{"user code in a user page with XD", true, user_page | x86_entry::xd, fetch, true,
                              final_fault | pf::us | pf::id}));

TEST(guest_mode_execute_trap_of_a_walk, takes_us_from_every_level) {
  EXPECT_TRUE(ask(true, user_page, by(fetch, false), 0x3063).mapped());
  EXPECT_FALSE(ask(true, user_page, by(fetch, true), 0x3063).mapped());
}
TEST(guest_mode_execute_trap_of_a_walk, goes_by_the_mode_and_not_by_the_guests_page) {
  const rights guest_supervisor_page{static_cast<std::uint8_t>(rights::all & ~rights::user), 0};
  EXPECT_FALSE(ask(true, user_page, by(fetch, false, rights{})).mapped());
  EXPECT_TRUE(ask(true, user_page, by(fetch, true, guest_supervisor_page)).mapped());
}
TEST(guest_mode_execute_trap_of_a_walk, lets_the_walker_use_tables_in_supervisor_pages) {
  nested_access a;
  a.why = purpose::table_entry;
  EXPECT_TRUE(ask(true, supervisor_page, a).mapped());
  EXPECT_FALSE(ask(false, supervisor_page, a).mapped());
}

TEST(guest_mode_execute_trap_of_a_hit, needs_the_right_of_the_mode) {
  paging_registers r = host_registers();
  const nested_stage trapping = decode_npt(host_registers(), {}, /*guest_mode_execute_trap=*/true);
  const rights_policy policy = decode_guest(r, {}, &trapping).policy;
  const access kernel{fetch, access_mode::supervisor};
  const access user{fetch, access_mode::user};
  const rights kernel_code{static_cast<std::uint8_t>(rights::all & ~rights::nested_execute_user), 0};
  const rights user_code{static_cast<std::uint8_t>(rights::all & ~rights::nested_execute), 0};
  EXPECT_TRUE(policy.hit_permits(kernel, kernel_code));
  EXPECT_FALSE(policy.hit_permits(user, kernel_code));
  EXPECT_FALSE(policy.hit_permits(kernel, user_code));
  EXPECT_TRUE(policy.hit_permits(user, user_code));
}

}  // namespace
}  // namespace nestwalk::paging
