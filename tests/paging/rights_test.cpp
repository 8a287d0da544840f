// Rights of the guest under CR0.WP, SMEP, SMAP and protection keys, against the manual's rules written out once more.
#include "nestwalk/paging/rights.h"

#include <gtest/gtest.h>

namespace nestwalk::paging {
namespace {

// SDM vol. 3, 4.6.1 and 4.6.2, sentence by sentence.
bool manual_permits(const rights_policy::controls& c, access a, rights r) {
  const bool user_page = r.has(rights::user);
  const bool write = a.type == access_type::write;
  if (a.type == access_type::fetch) {
    if (!r.has(rights::executable)) return false;
    return a.user() ? user_page : !(user_page && c.supervisor_execute_prevention);
  }
  if (a.user() && !user_page) return false;
  if (!a.user() && user_page && c.supervisor_access_prevention && a.mode != access_mode::supervisor_ac) return false;
  if (write && !r.has(rights::writable) && (a.user() || c.write_protect)) return false;
  const bool keyed = user_page ? c.user_keys : c.supervisor_keys;
  if (!keyed) return true;
  const std::uint32_t two = (user_page ? c.pkru : c.pkrs) >> (2 * r.key) & 3;
  if ((two & 1) != 0) return false;
  return !(write && (two & 2) != 0 && (a.user() || c.write_protect));
}

TEST(rights_policy, agrees_with_the_manual_in_every_case) {
  for (unsigned control = 0; control < 32; ++control) {
    rights_policy::controls c;
    c.write_protect = (control & 1) != 0;
    c.supervisor_execute_prevention = (control & 2) != 0;
    c.supervisor_access_prevention = (control & 4) != 0;
    c.user_keys = (control & 8) != 0;
    c.supervisor_keys = (control & 16) != 0;
    c.pkru = 0b11'10'01'00;
    c.pkrs = 0b00'01'10'11;
    const rights_policy policy(c);
    for (unsigned index = 0; index < access_classes; ++index)
      for (unsigned bits = 0; bits < 8; ++bits)
        for (std::uint8_t key = 0; key < 4; ++key) {
          const access a{static_cast<access_type>(index / 3), static_cast<access_mode>(index % 3)};
          const rights r{static_cast<std::uint8_t>(bits), key};
          EXPECT_EQ(policy.guest_permits(a, r), manual_permits(c, a, r))
              << "controls " << control << " access " << index << " rights " << bits << " key " << int{key};
        }
  }
}

TEST(rights_policy, a_hit_needs_the_nested_rights_too_and_a_write_the_dirty_flags) {
  const rights_policy policy(rights_policy::controls{});
  const access write{access_type::write, access_mode::user};
  EXPECT_TRUE(policy.hit_permits(write, rights{}));
  for (const unsigned missing : {rights::nested_write, rights::dirty, rights::writable, rights::user})
    EXPECT_FALSE(policy.hit_permits(write, rights{static_cast<std::uint8_t>(rights::all & ~missing), 0})) << missing;
  EXPECT_TRUE(policy.hit_permits(write, rights{static_cast<std::uint8_t>(rights::all & ~rights::nested_read), 0}));
}

TEST(rights_policy, a_fetch_takes_the_execute_right_of_the_pages_own_mode) {
  const rights_policy policy(rights_policy::controls{});
  const access user_fetch{access_type::fetch, access_mode::user};
  const access kernel_fetch{access_type::fetch, access_mode::supervisor};
  const auto without = [](unsigned bits) { return rights{static_cast<std::uint8_t>(rights::all & ~bits), 0}; };
  EXPECT_FALSE(policy.hit_permits(user_fetch, without(rights::nested_execute_user)));
  EXPECT_TRUE(policy.hit_permits(user_fetch, without(rights::nested_execute)));
  EXPECT_FALSE(policy.hit_permits(kernel_fetch, without(rights::user | rights::nested_execute)));
  EXPECT_TRUE(policy.hit_permits(kernel_fetch, without(rights::user | rights::nested_execute_user)));
}

TEST(rights_policy, without_paging_every_access_passes) {
  rights_policy::controls off;
  off.paging = false;
  off.supervisor_execute_prevention = off.supervisor_access_prevention = off.write_protect = true;
  const rights_policy policy(off);
  for (unsigned index = 0; index < access_classes; ++index)
    EXPECT_TRUE(policy.hit_permits({static_cast<access_type>(index / 3), static_cast<access_mode>(index % 3)}, {}));
}

}  // namespace
}  // namespace nestwalk::paging
