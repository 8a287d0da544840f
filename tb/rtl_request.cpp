#include "tb/rtl_request.h"

#include "nestwalk/paging/registers.h"

namespace nestwalk::tb {

namespace {

using paging::access;
using paging::access_mode;
using paging::access_type;
using paging::rights;

constexpr unsigned pat_entries = 8;
constexpr std::uint64_t execute_disable = paging::x86_entry::xd;

constexpr access supervisor_read{access_type::read, access_mode::supervisor};
constexpr access supervisor_write{access_type::write, access_mode::supervisor};
constexpr access supervisor_fetch{access_type::fetch, access_mode::supervisor};
constexpr access user_read{access_type::read, access_mode::user};
constexpr access user_write{access_type::write, access_mode::user};

std::uint32_t three_bit_pat(std::uint64_t pat) {
  std::uint32_t packed = 0;
  for (unsigned i = 0; i < pat_entries; ++i) packed |= static_cast<std::uint32_t>((pat >> (8 * i)) & 7) << (3 * i);
  return packed;
}

// Whether SMAP is on, told by a key that lets reads through. Where none does, no read of a user page passes either way.
bool smap_behind_keys(const paging::rights_policy& policy) {
  for (unsigned key = 0; key < 16; ++key) {
    const rights page{rights::all, static_cast<std::uint8_t>(key)};
    if (!policy.key_denies(supervisor_read, page)) return !policy.guest_permits(supervisor_read, page);
  }
  return false;
}

// The policy is a table; the registers that it was made of are found by asking it.
void read_policy(const paging::rights_policy& policy, rtl_context& r) {
  constexpr std::uint8_t no_write = rights::all & ~rights::writable & ~rights::user;
  r.write_protect = !policy.guest_permits(supervisor_write, {no_write, 0});
  r.smep = !policy.guest_permits(supervisor_fetch, {rights::all, 0});
  const rights user_page{rights::all, 0};
  const bool key_denies = policy.key_denies(supervisor_read, user_page);
  r.smap = key_denies ? smap_behind_keys(policy) : !policy.guest_permits(supervisor_read, user_page);
  for (unsigned key = 0; key < 16; ++key) {
    const rights page{rights::all, static_cast<std::uint8_t>(key)};
    if (policy.key_denies(user_read, page))
      r.pkru |= 1u << (2 * key);
    else if (policy.key_denies(user_write, page))
      r.pkru |= 2u << (2 * key);
  }
}

bool denies_supervisor_keys(const paging::rights_policy& policy) {
  constexpr unsigned supervisor_page = rights::all & ~rights::user;
  for (unsigned key = 0; key < 16; ++key)
    if (policy.key_denies(supervisor_write, {supervisor_page, static_cast<std::uint8_t>(key)})) return true;
  return false;
}

unsigned physical_bits_of(const paging::format& f) {
  unsigned bits = 12;
  while (bits < 52 && ((f.address >> bits) & 1) != 0) ++bits;
  return bits;
}

bool has_gigabyte_pages(const paging::format& f) {
  return f.level[3].leaf_bits != 0;
}

// Appends fields, least significant first.
class packer {
 public:
  void add(std::uint64_t value, unsigned bits) {
    const unsigned word = at_ / 32;
    const unsigned shift = at_ % 32;
    words_[word] |= static_cast<std::uint32_t>(value << shift);
    if (shift + bits > 32) words_[word + 1] |= static_cast<std::uint32_t>(value >> (32 - shift));
    if (shift + bits > 64) words_[word + 2] |= static_cast<std::uint32_t>(value >> (64 - shift));
    at_ += bits;
  }
  const request_words& words() const { return words_; }

 private:
  request_words words_{};
  unsigned at_ = 0;
};

}  // namespace

std::string why_unsupported(const paging::domain& c) {
  const paging::format& guest = c.guest.format;
  if (c.guest.from_registers || guest.levels == 3)
    return "PAE paging: the RTL walker has 4- and 5-level guest tables only";
  if (guest.levels != 0 && (guest.levels < 4 || guest.entry_log2 != 3))
    return "32-bit paging: the RTL walker has 4- and 5-level guest tables only";
  if (denies_supervisor_keys(c.guest.policy)) return "CR4.PKS: the RTL walker has no keys of supervisor pages";
  if (c.nested_on && c.nested.guest_mode_execute_trap) return "guest mode execute trap: the RTL walker has none";
  if (c.nested_on && c.nested.log != nullptr) return "page-modification logging: the RTL walker has none";
  if (c.nested_on && c.nested.format.levels != 4 && c.nested.format.levels != 5)
    return "nested tables that are not of 4 or 5 levels: the RTL walker has no others";
  return {};
}

rtl_context rtl_context_of(const paging::domain& c) {
  const paging::guest_stage& guest = c.guest;
  rtl_context r;
  r.guest_on = guest.format.levels != 0;
  r.guest_five = guest.format.levels == 5;
  r.guest_root = guest.root.value >> paging::page_4k;
  r.guest_pat = three_bit_pat(guest.pat);
  r.uncached = guest.uncached;
  r.keys = guest.format.key_mask != 0;
  r.global_pages = guest.format.global != 0;
  if (r.guest_on) {
    read_policy(guest.policy, r);
    r.no_execute = (guest.format.level[1].reserved_leaf & execute_disable) == 0;
    r.guest_amd = (guest.format.level[4].reserved_table & paging::x86_entry::g) != 0;
    r.gigabyte_pages = has_gigabyte_pages(guest.format);
    r.physical_bits = physical_bits_of(guest.format);
  } else {
    r.physical_bits = c.nested_on ? physical_bits_of(c.nested.format) : 52;
    r.gigabyte_pages = !c.nested_on || has_gigabyte_pages(c.nested.format);
  }
  if (!c.nested_on) return r;
  const paging::nested_stage& nested = c.nested;
  r.nested_on = true;
  r.nested_npt = nested.kind == paging::nested_kind::npt;
  r.nested_five = nested.format.levels == 5;
  r.nested_root = nested.root.value >> paging::page_4k;
  r.ept_flags = !r.nested_npt && nested.table_access_is_write;
  r.ept_mode_based = nested.mode_based_execute;
  r.ept_execute_only = !r.nested_npt && ((nested.format.misconfigured_table[0] >> paging::ept_entry::x) & 1) == 0;
  r.ept_advanced = nested.advanced_information;
  r.npt_no_execute = (nested.format.level[1].reserved_leaf & execute_disable) == 0;
  r.npt_reports_fetch = nested.reports_fetch;
  r.npt_pat = three_bit_pat(nested.pat);
  return r;
}

request_words pack(const rtl_context& c, paging::gva address, const paging::access& a) {
  packer p;
  p.add(c.npt_pat, 24);
  p.add(c.npt_reports_fetch, 1);
  p.add(c.npt_no_execute, 1);
  p.add(c.ept_advanced, 1);
  p.add(c.ept_execute_only, 1);
  p.add(c.ept_mode_based, 1);
  p.add(c.ept_flags, 1);
  p.add(c.nested_root, 40);
  p.add(c.nested_five, 1);
  p.add(c.nested_npt, 1);
  p.add(c.nested_on, 1);
  p.add(c.guest_pat, 24);
  p.add(c.guest_root, 40);
  p.add(c.guest_five, 1);
  p.add(c.guest_on, 1);
  p.add(c.guest_amd, 1);
  p.add(c.gigabyte_pages, 1);
  p.add(c.physical_bits, 6);
  p.add(c.pkru, 32);
  p.add(c.global_pages, 1);
  p.add(c.keys, 1);
  p.add(c.smap, 1);
  p.add(c.smep, 1);
  p.add(c.no_execute, 1);
  p.add(c.uncached, 1);
  p.add(c.write_protect, 1);
  p.add(a.mode == access_mode::supervisor_ac, 1);
  p.add(a.user() ? 3 : 0, 2);
  p.add(static_cast<unsigned>(a.type), 2);
  p.add(address.value >> paging::page_4k, 52);
  return p.words();
}

}  // namespace nestwalk::tb
