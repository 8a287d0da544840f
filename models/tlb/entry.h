// One cached mapping, laid out so that a look-up compares two words.
#pragma once

#include <array>
#include <cstdint>

#include "paging/invalidation.h"
#include "paging/mapping.h"
#include "paging/stage_rules.h"
#include "tlb/page_size.h"

namespace nestwalk::tlb {

/// What a look-up compares.
///   page  63:12 the page's number, 11:0 the PCID
///   tags  63:24 EPTP[51:12], 23:8 VPID or ASID, 7 valid, 6 combined, 5 global, 1:0 index of the page size
struct key {
  std::uint64_t page = 0;
  std::uint64_t tags = 0;
};

namespace key_bits {
inline constexpr std::uint64_t size = 3;
inline constexpr std::uint64_t global = 1u << 5;
inline constexpr std::uint64_t combined = 1u << 6;
inline constexpr std::uint64_t valid = 1u << 7;
inline constexpr std::uint64_t pcid = 0xfff;
inline constexpr unsigned vpid_shift = 8;
inline constexpr unsigned eptp_shift = 24;
}  // namespace key_bits

/// The bits of `key::page` that count for a page size: its page number and the PCID.
constexpr std::uint64_t compared_bits(unsigned size_index) {
  return (~std::uint64_t{0} << page_size_log2[size_index]) | key_bits::pcid;
}

/// The key of an address in a context, without a page size. Linear mappings are tagged by VPID and PCID, combined ones
/// also by EPTP (SDM vol. 3, 28.4.1).
inline key key_of(paging::gva address, const paging::context& c) {
  std::uint64_t tags = key_bits::valid | std::uint64_t{c.tags.vpid} << key_bits::vpid_shift;
  if (c.nested_on) tags |= key_bits::combined | c.tags.eptp << key_bits::eptp_shift;
  return {(address.value & ~key_bits::pcid) | c.tags.pcid, tags};
}
/// Guest-physical mappings are tagged by EPTP alone.
inline key key_of(paging::gpa address, const paging::context& c) {
  return {address.value & ~key_bits::pcid, key_bits::valid | c.tags.eptp << key_bits::eptp_shift};
}

/// A mapping under its key. The key's page may be smaller than what the mapping covers.
struct entry {
  key at;
  paging::mapping<paging::hpa> mapping;

  bool valid() const { return (at.tags & key_bits::valid) != 0; }
  bool global() const { return (at.tags & key_bits::global) != 0; }
  unsigned size_index() const { return static_cast<unsigned>(at.tags & key_bits::size); }

  /// Whether the entry is of the page size, by its index, and answers a look-up of `k`; globals whatever the PCID.
  bool matches(const key& k, unsigned index) const {
    const std::uint64_t ignored = (at.tags & key_bits::global) / key_bits::global * key_bits::pcid;
    return (((at.page ^ k.page) & compared_bits(index) & ~ignored) |
            ((at.tags ^ (k.tags | index)) & ~key_bits::global)) == 0;
  }

  paging::translation_tags tags() const {
    return {static_cast<std::uint16_t>(at.tags >> key_bits::vpid_shift),
            static_cast<std::uint16_t>(at.page & key_bits::pcid), at.tags >> key_bits::eptp_shift};
  }
};
static_assert(sizeof(entry) == 32);

/// The entry of `m` under `k`, holding the page of a size, by its index, that lies around the key's address.
inline entry entry_of(const key& k, unsigned size_index, const paging::mapping<paging::hpa>& m) {
  return {{k.page & compared_bits(size_index), k.tags | size_index | (m.global ? key_bits::global : 0)}, m};
}

/// What differs between TLBs of linear and of guest-physical addresses.
template <class In>
struct entry_rules;

template <>
struct entry_rules<paging::gva> {
  static paging::mapping_kind kind(const entry& e) {
    return (e.at.tags & key_bits::combined) != 0 ? paging::mapping_kind::combined : paging::mapping_kind::linear;
  }
  /// Bytes, as a power of two, of the page that software mapped: an invalidation takes every fragment of it.
  static unsigned page_log2(const paging::mapping<paging::hpa>& m) { return m.guest_size_log2; }
  static bool caches(const paging::context&) { return true; }
  static bool permits(const paging::context& c, const paging::access& a, paging::rights r) {
    return c.guest.policy.hit_permits(a, r);
  }
};

template <>
struct entry_rules<paging::gpa> {
  static paging::mapping_kind kind(const entry&) { return paging::mapping_kind::guest_physical; }
  static unsigned page_log2(const paging::mapping<paging::hpa>& m) { return m.nested_size_log2; }
  /// Without a second stage a gpa is an hpa: there is nothing to keep.
  static bool caches(const paging::context& c) { return c.nested_on; }
  static bool permits(const paging::context& c, const paging::nested_access& a, paging::rights r) {
    using rules = paging::stage_rules<paging::gpa>;
    return rules::permits(c.nested, a, r) && (r.has(paging::rights::dirty) || !rules::sets_dirty(c.nested, a));
  }
};

/// Whether an operation takes the entry away.
template <class In>
bool selects(const paging::selector& s, const entry& e) {
  using rules = entry_rules<In>;
  const paging::mapping_kind kind = rules::kind(e);
  if (!e.valid() || !s.takes(kind) || !s.tags_agree(kind, e.tags(), e.global())) return false;
  const unsigned log2 = rules::page_log2(e.mapping);
  return s.covers((e.at.page & ~key_bits::pcid) >> log2 << log2, log2);
}

}  // namespace nestwalk::tlb
