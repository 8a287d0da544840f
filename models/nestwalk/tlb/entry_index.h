// What finds the entries of a big array without looking at each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "nestwalk/associative/free_ways.h"
#include "nestwalk/associative/hash_chains.h"
#include "nestwalk/associative/slot_groups.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/tlb/entry.h"
#include "nestwalk/tlb/page_size.h"

namespace nestwalk::tlb {

/// Beside an array of entries: its valid entries by what a look-up asks, by the domain that they belong to, and, where
/// they cover less than the page that software mapped, by that page; and in each set the free ways. What a scan would
/// find first is what it finds.
class entry_index {
 public:
  /// For entries by set, then way, from `first` on, none of them valid, which stay where they are.
  entry_index(entry* first, unsigned sets, unsigned ways);

  /// The entry of the size that answers `k`, or null; of several the one that stands first.
  entry* find(const key& k, unsigned size_index) const;

  /// The first of the set from `set` on that is not valid, or the end of the set.
  entry* first_free(entry* set) const {
    const unsigned way = free_.lowest(slot_of(set) / ways_);
    return set + (way != free_.none ? way : ways_);
  }

  /// An entry has become valid; software mapped its page by 2^`page_log2` bytes.
  void add(const entry* e, unsigned page_log2);
  /// The entry is about to go.
  void remove(const entry* e);

  /// Appends every entry that `s` selects to `into`; also some that it does not, and some twice. `agrees` tells from a
  /// domain_key whether `s` takes entries of such tags.
  template <class Agrees>
  void gather(const paging::selector& s, const Agrees& agrees, std::vector<entry*>& into) const {
    const bool by_address = s.by_address;
    const std::uint64_t steps = by_address ? steps_along(s) : 0;
    for (domains::group g = 0; g < domains_.bound(); ++g) {
      if (domains_.size(g) == 0 || !agrees(domains_.tag(g))) continue;
      if (by_address && steps < domains_.size(g))
        gather_along(s, domains_.tag(g), into);
      else
        gather_group(domains_, g, into);
    }
  }

 private:
  /// A page as software mapped it, in a domain.
  struct software_page {
    std::uint64_t page = 0;  // its address, and its bytes as a power of two in the bits below
    key domain;

    friend bool operator==(const software_page& a, const software_page& b) {
      return a.page == b.page && a.domain == b.domain;
    }
    friend std::uint64_t hash_of(const software_page& p) { return associative::mix(p.page, tlb::hash_of(p.domain)); }
  };
  using domains = associative::slot_groups<key>;
  using fragments = associative::slot_groups<software_page>;

  static software_page page_around(std::uint64_t address, unsigned log2, const key& domain) {
    return {(address >> log2 << log2) | log2, domain};
  }
  std::uint32_t slot_of(const entry* e) const { return static_cast<std::uint32_t>(e - first_); }

  /// How many pages of any size that is there the selector's range touches.
  std::uint64_t steps_along(const paging::selector& s) const;
  void gather_along(const paging::selector& s, const key& domain, std::vector<entry*>& into) const;
  template <class Groups>
  void gather_group(const Groups& groups, std::uint32_t g, std::vector<entry*>& into) const {
    for (std::uint32_t slot = groups.first(g); slot != Groups::none; slot = groups.next(slot))
      into.push_back(first_ + slot);
  }

  entry* first_;
  unsigned ways_;
  std::size_t globals_ = 0;                          // valid global entries
  std::array<std::size_t, page_size_count> held_{};  // valid entries by page size
  std::array<std::size_t, 64> split_{};              // fragments by the size of software's page, as a power of two
  associative::hash_chains by_key_;
  domains domains_;
  fragments fragments_;
  std::vector<std::uint8_t> page_log2_;  // by entry: the size of the page that software mapped
  associative::free_ways free_;
};

}  // namespace nestwalk::tlb
