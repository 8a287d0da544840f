#include "nestwalk/paging/rights.h"

namespace nestwalk::paging {

namespace {

// The nested rights and the dirtiness that an access needs.
unsigned nested_need(access_type type, bool user_code) {
  switch (type) {
    case access_type::read: return rights::nested_read;
    case access_type::write: return rights::nested_write | rights::dirty;
    case access_type::fetch: break;
  }
  return user_code ? rights::nested_execute_user : rights::nested_execute;
}

}  // namespace

rights_policy::rights_policy(const controls& c) {
  for (unsigned user_page = 0; user_page < 2; ++user_page) {
    for (unsigned index = 0; index < access_classes; ++index) {
      const access a{static_cast<access_type>(index / 3), static_cast<access_mode>(index % 3)};
      need_[user_page][index] = static_cast<std::uint16_t>(need_of(c, a, user_page != 0));
      denied_keys_[user_page][index] = static_cast<std::uint16_t>(denied_keys_of(c, a, user_page != 0));
    }
  }
}

unsigned rights_policy::need_of(const controls& c, access a, bool user_page) {
  unsigned need = nested_need(a.type, c.nested_fetch_by_mode ? a.user() : user_page);
  if (!c.paging) return need;
  if (a.user()) {
    need |= rights::user;
  } else if (user_page) {
    if (a.type == access_type::fetch && c.supervisor_execute_prevention) need |= never;
    if (a.type != access_type::fetch && c.supervisor_access_prevention && a.mode != access_mode::supervisor_ac)
      need |= never;
  }
  if (a.type == access_type::fetch) need |= rights::executable;
  if (a.type == access_type::write && (a.user() || c.write_protect)) need |= rights::writable;
  return need;
}

unsigned rights_policy::denied_keys_of(const controls& c, access a, bool user_page) {
  const bool on = c.paging && (user_page ? c.user_keys : c.supervisor_keys);
  if (!on || a.type == access_type::fetch) return 0;
  const std::uint32_t keys = user_page ? c.pkru : c.pkrs;
  const bool write_judged = a.type == access_type::write && (a.user() || c.write_protect);
  unsigned denied = 0;
  for (unsigned key = 0; key < 16; ++key) {
    const bool access_disable = ((keys >> (2 * key)) & 1u) != 0;
    const bool write_disable = ((keys >> (2 * key + 1)) & 1u) != 0;
    if (access_disable || (write_disable && write_judged)) denied |= 1u << key;
  }
  return denied;
}

}  // namespace nestwalk::paging
