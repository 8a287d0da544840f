// One array of a TLB: sets of ways, with a replacement policy.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nestwalk/paging/invalidation.h"
#include "nestwalk/tlb/config.h"
#include "nestwalk/tlb/entry.h"
#include "nestwalk/tlb/entry_index.h"
#include "nestwalk/tlb/replacement.h"

namespace nestwalk::tlb {

/// Entries found by key and page size. It knows nothing of address spaces: keys distinguish mappings. A few ways are
/// looked at one by one; for many, and for an invalidation among many entries, an index tells the same at once.
class tlb_array {
 public:
  static constexpr unsigned most_scanned_ways = 16;
  static constexpr unsigned most_scanned_entries = 4096;

  /// `seed` is that of random replacement. Throws `input_error`, naming `owner`, for sizes that make no array.
  tlb_array(const array_config& c, replacement_policy policy, std::uint32_t seed, const std::string& owner);

  bool holds(unsigned size_index) const { return ((sizes_ >> size_index) & 1u) != 0; }

  /// The entry of the size that answers `k`, or null.
  entry* find(const key& k, unsigned size_index) {
    if (valid_of_[size_index] == 0) return nullptr;
    if (index_ != nullptr) return index_->find(k, size_index);
    const std::uint64_t number = compared_bits(size_index);
    entry* const first = set_of(k, size_index);
    for (entry* e = first; e != first + ways_; ++e)
      if (((e->at.page ^ k.page) & number) == 0 && e->matches(k, size_index)) return e;
    return nullptr;
  }

  /// A hit used the entry; nothing changes where it is its set's last used one.
  void used(const entry* e) {
    const entry*& recent = recent_[set_index(e)];
    if (recent == e) return;
    recent = e;
    replacement_.used(set_index(e), way_index(e));
  }
  /// Where the last used entry of e's set is kept, so that a filter can tell without working out the set.
  const entry* const* recent_of(const entry* e) const { return &recent_[set_index(e)]; }

  /// Where an entry of the key goes: an invalid way where its set has one, else the one whose entry has to go.
  entry* place_for(const key& k, unsigned size_index) {
    entry* const first = set_of(k, size_index);
    return index_ == nullptr ? place_among(first) : place_by_index(first);
  }
  /// Puts an entry in that place. Software mapped its page by 2^`page_log2` bytes.
  void fill(entry* place, const entry& e, unsigned page_log2) {
    if (index_ == nullptr)
      put(place, e, page_log2);
    else
      put_by_index(place, e, page_log2);
  }

  /// Drops what an operation selects, and returns how many that were. `In`: whose entries these are.
  template <class In>
  unsigned drop(const paging::selector& s);
  void drop_entry(entry* e);

 private:
  template <class In>
  unsigned drop_between(entry* first, entry* last, const paging::selector& s) {
    unsigned dropped = 0;
    for (entry* e = first; e != last; ++e) {
      if (!selects<In>(s, *e)) continue;
      drop_entry(e);
      ++dropped;
    }
    return dropped;
  }
  template <class In>
  unsigned drop_by_index(const paging::selector& s);
  entry* place_among(entry* first);
  entry* place_by_index(entry* first);
  entry* victim_among(entry* first) { return first + replacement_.victim(set_index(first)); }
  void put(entry* place, const entry& e, unsigned page_log2);
  void put_by_index(entry* place, const entry& e, unsigned page_log2);
  void take_out(entry* e) {
    --valid_of_[e->size_index()];
    e->at.tags = 0;
    fragments_ -= fragment_[index_of(e)];
  }
  entry* set_of(const key& k, unsigned size_index) {
    const std::uint64_t page = k.page >> page_size_log2[size_index];
    const std::uint64_t set = set_mask_ != 0 ? page & set_mask_ : page % sets_;
    return entries_.data() + set * ways_;
  }
  std::size_t index_of(const entry* e) const { return static_cast<std::size_t>(e - entries_.data()); }
  unsigned set_index(const entry* e) const { return static_cast<unsigned>(index_of(e) / ways_); }
  unsigned way_index(const entry* e) const { return static_cast<unsigned>(index_of(e) % ways_); }

  unsigned sizes_;
  unsigned ways_;
  unsigned sets_;
  std::uint64_t set_mask_ = 0;                        // where the sets are a power of two above one
  std::array<unsigned, page_size_count> valid_of_{};  // valid entries by page size
  unsigned fragments_ = 0;                            // valid entries smaller than the page that software mapped
  std::vector<entry> entries_;                        // by set, then way
  std::vector<const entry*> recent_;                  // by set: the entry used or filled last
  std::vector<std::uint8_t> fragment_;                // by entry
  replacement replacement_;
  std::unique_ptr<entry_index> index_;  // where ways or entries are too many to be looked at
  std::vector<entry*> gathered_;        // what the index offers to an invalidation
};

template <class In>
unsigned tlb_array::drop(const paging::selector& s) {
  if (std::all_of(valid_of_.begin(), valid_of_.end(), [](unsigned n) { return n == 0; })) return 0;
  if (index_ != nullptr) return drop_by_index<In>(s);
  const bool one_page = s.by_address && s.first >> paging::page_4k == s.last >> paging::page_4k;
  if (!one_page || fragments_ != 0) return drop_between<In>(entries_.data(), entries_.data() + entries_.size(), s);
  // Every entry is as big as the page that software mapped: what holds the address is in the address's sets.
  unsigned dropped = 0;
  for (unsigned size = 0; size < page_size_count; ++size) {
    if (!holds(size)) continue;
    entry* const first = set_of({s.first, 0}, size);
    dropped += drop_between<In>(first, first + ways_, s);
  }
  return dropped;
}

template <class In>
unsigned tlb_array::drop_by_index(const paging::selector& s) {
  gathered_.clear();
  index_->gather(
      s, [&s](const key& domain) { return selects_tags(s, domain); }, gathered_);
  unsigned dropped = 0;
  for (entry* const e : gathered_) dropped += drop_between<In>(e, e + 1, s);
  return dropped;
}

}  // namespace nestwalk::tlb
