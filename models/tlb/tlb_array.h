// One array of a TLB: sets of ways, with a replacement policy.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tlb/config.h"
#include "tlb/entry.h"
#include "tlb/replacement.h"

namespace nestwalk::tlb {

/// Entries found by key and page size. It knows nothing of address spaces: keys tell mappings apart.
class tlb_array {
 public:
  /// Throws `input_error`, naming `owner`, for sizes that make no array.
  tlb_array(const array_config& c, const std::string& owner);

  bool holds(unsigned size_index) const { return ((sizes_ >> size_index) & 1u) != 0; }
  /// Valid entries that are smaller than the page that software mapped.
  unsigned fragments() const { return fragments_; }

  /// The entry of the size that answers `k`, or null.
  entry* find(const key& k, unsigned size_index) {
    if (valid_of_[size_index] == 0) return nullptr;
    const std::uint64_t number = compared_bits(size_index) & ~key_bits::pcid;
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
  entry* place_for(const key& k, unsigned size_index);
  /// Puts an entry in that place. `fragment`: it covers less than the page that software mapped.
  void fill(entry* place, const entry& e, bool fragment);

  /// Drops the entries that `condemned` names among all, or in the set that holds `k` at the page size alone. Returns
  /// how many.
  template <class Condemned>
  unsigned drop(const Condemned& condemned) {
    if (std::all_of(valid_of_.begin(), valid_of_.end(), [](unsigned n) { return n == 0; })) return 0;
    return drop_between(entries_.data(), entries_.data() + entries_.size(), condemned);
  }
  template <class Condemned>
  unsigned drop_in_set(const key& k, unsigned size_index, const Condemned& condemned) {
    entry* const first = set_of(k, size_index);
    return drop_between(first, first + ways_, condemned);
  }
  void drop_entry(entry* e);

 private:
  template <class Condemned>
  unsigned drop_between(entry* first, entry* last, const Condemned& condemned) {
    unsigned dropped = 0;
    for (entry* e = first; e != last; ++e) {
      if (!e->valid() || !condemned(*e)) continue;
      drop_entry(e);
      ++dropped;
    }
    return dropped;
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
  unsigned fragments_ = 0;
  std::vector<entry> entries_;          // by set, then way
  std::vector<const entry*> recent_;    // by set: the entry used or filled last
  std::vector<std::uint8_t> fragment_;  // by entry
  replacement replacement_;
};

}  // namespace nestwalk::tlb
