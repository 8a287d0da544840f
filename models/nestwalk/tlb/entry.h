// One cached mapping, laid out so that a look-up compares two words.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/associative/hash_chains.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/paging/mapping.h"
#include "nestwalk/paging/stage_rules.h"
#include "nestwalk/tlb/page_size.h"

namespace nestwalk::tlb {

/// What a look-up compares.
///   page     63:12 the page's number
///   tags     as `paging::packed_tags::word`, whose low bits hold 5 global, 1:0 index of the page size
///   process  as `paging::packed_tags::process`
struct key {
  std::uint64_t page = 0;
  std::uint64_t tags = 0;
  std::uint32_t process = 0;

  friend bool operator==(const key& a, const key& b) {
    return ((a.page ^ b.page) | (a.tags ^ b.tags) | (a.process ^ b.process)) == 0;
  }
};

namespace key_bits {
inline constexpr std::uint64_t size = 3;
inline constexpr std::uint64_t global = 1u << 5;
}  // namespace key_bits

/// The bits of `key::page` that count for a page size: its page number.
constexpr std::uint64_t compared_bits(unsigned size_index) {
  return ~std::uint64_t{0} << page_size_log2[size_index];
}

/// The key of an address in a domain, without a page size.
inline key key_of(paging::gva address, const paging::domain& d) {
  const paging::packed_tags tags = paging::pack(d.tags, d.linear_kind());
  return {address.base(paging::page_4k).value, tags.word, tags.process};
}
inline key key_of(paging::gpa address, const paging::domain& d) {
  const paging::packed_tags tags = paging::pack(d.tags, paging::mapping_kind::guest_physical);
  return {address.base(paging::page_4k).value, tags.word, tags.process};
}

/// The key of the page of a size, by its index, that lies around the key's address, as an entry that is not global
/// holds it.
constexpr key page_key(const key& k, unsigned size_index) {
  return {k.page & compared_bits(size_index), k.tags | size_index, k.process};
}
/// The process that counts for an entry of this key: a global one answers every process.
constexpr std::uint32_t process_of(const key& at) {
  return (at.tags & key_bits::global) != 0 ? 0 : at.process;
}
/// What entries of one domain and globality have in common: an entry's key without its page and its page's size.
constexpr key domain_key(const key& at) {
  return {0, at.tags & ~key_bits::size, process_of(at)};
}
/// One number for all keys of entries that the same look-ups match.
constexpr std::uint64_t hash_of(const key& at) {
  return associative::mix(at.page ^ process_of(at), at.tags);
}

/// A mapping under its key. The key's page may be smaller than what the mapping covers.
struct entry {
  key at;
  paging::mapping<paging::hpa> mapping;

  bool valid() const { return (at.tags & paging::packed_tags::kind_mask) != 0; }
  bool global() const { return (at.tags & key_bits::global) != 0; }
  unsigned size_index() const { return static_cast<unsigned>(at.tags & key_bits::size); }
  paging::packed_tags tags() const { return {at.tags, at.process}; }

  /// Whether the entry is of the page size, by its index, and answers a look-up of `k`; globals whatever the process.
  bool matches(const key& k, unsigned index) const {
    const std::uint64_t other_process = global() ? 0 : at.process ^ k.process;
    return (((at.page ^ k.page) & compared_bits(index)) | ((at.tags ^ (k.tags | index)) & ~key_bits::global) |
            other_process) == 0;
  }
};
static_assert(sizeof(entry) == 40);

/// The entry of `m` under `k`, holding the page of a size, by its index, that lies around the key's address.
inline entry entry_of(const key& k, unsigned size_index, const paging::mapping<paging::hpa>& m) {
  return {{k.page & compared_bits(size_index), k.tags | size_index | (m.global ? key_bits::global : 0), k.process}, m};
}

/// What differs between TLBs of linear and of guest-physical addresses.
template <class In>
struct entry_rules;

template <>
struct entry_rules<paging::gva> {
  /// Bytes, as a power of two, of the page that software mapped: an invalidation takes every fragment of it.
  static unsigned page_log2(const paging::mapping<paging::hpa>& m) { return m.guest_size_log2; }
  static bool caches(const paging::domain&) { return true; }
  static bool permits(const paging::domain& c, const paging::access& a, paging::rights r) {
    return c.guest.policy.hit_permits(a, r);
  }
};

template <>
struct entry_rules<paging::gpa> {
  static unsigned page_log2(const paging::mapping<paging::hpa>& m) { return m.nested_size_log2; }
  /// Without a second stage a gpa is an hpa: there is nothing to keep.
  static bool caches(const paging::domain& c) { return c.nested_on; }
  static bool permits(const paging::domain& c, const paging::nested_access& a, paging::rights r) {
    using rules = paging::stage_rules<paging::gpa>;
    return rules::permits(c.nested, a, r) && (r.has(paging::rights::dirty) || !rules::sets_dirty(c.nested, a));
  }
};

/// Whether an operation takes away entries of these tags, if it covers them.
inline bool selects_tags(const paging::selector& s, const key& at) {
  const paging::packed_tags tags{at.tags, at.process};
  return s.takes(tags.kind()) && s.tags_agree(tags, (at.tags & key_bits::global) != 0);
}

/// Whether an operation takes the entry away.
template <class In>
inline bool selects(const paging::selector& s, const entry& e) {
  if (!e.valid() || !selects_tags(s, e.at)) return false;
  const unsigned log2 = entry_rules<In>::page_log2(e.mapping);
  return s.covers(e.at.page >> log2 << log2, log2);
}

}  // namespace nestwalk::tlb
