#include "nestwalk/vmm/shadow_entry.h"

#include "nestwalk/paging/format.h"

namespace nestwalk::vmm {

namespace {

namespace bit = paging::x86_entry;

constexpr std::uint64_t key_mask = std::uint64_t{15} << bit::key_shift;

// PWT, PCD and PAT, which stands elsewhere in a large leaf.
std::uint64_t memory_type_bits(const guest_leaf& guest, bool large) {
  if (guest.entry == 0) return 0;
  const bool pat = (guest.entry & (guest.level == 1 ? bit::pat_4k : bit::pat_large)) != 0;
  return (guest.entry & (bit::pwt | bit::pcd)) | (pat ? (large ? bit::pat_large : bit::pat_4k) : 0);
}

}  // namespace

std::uint64_t shadow_entry(const guest_leaf& guest, paging::hpa page, unsigned size_log2, write_right writes,
                           bool no_fetch) {
  const bool large = size_log2 > paging::page_4k;
  std::uint64_t entry = page.value | bit::p | bit::a | memory_type_bits(guest, large) | (guest.entry & key_mask);
  if (large) entry |= bit::ps;
  if (guest.granted.has(paging::rights::user)) entry |= bit::us;
  if (!guest.granted.has(paging::rights::executable)) entry |= bit::xd;
  const bool guest_writes = guest.granted.has(paging::rights::writable | paging::rights::dirty);
  if (writes == write_right::as_guest && guest_writes) entry |= bit::rw | bit::d;
  if (writes == write_right::supervisor_only) {
    if (no_fetch && (entry & bit::us) != 0) entry |= bit::xd;
    entry = (entry | bit::rw | bit::d) & ~bit::us;
  }
  return entry;
}

paging::rights rights_of_shadow(std::uint64_t entry, std::uint8_t key) {
  using paging::rights;
  unsigned bits = rights::nested_mask;
  if ((entry & bit::rw) != 0) bits |= rights::writable;
  if ((entry & bit::us) != 0) bits |= rights::user;
  if ((entry & bit::xd) == 0) bits |= rights::executable;
  if ((entry & bit::d) != 0) bits |= rights::dirty;
  return {static_cast<std::uint8_t>(bits), key};
}

}  // namespace nestwalk::vmm
