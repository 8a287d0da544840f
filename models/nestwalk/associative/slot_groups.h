// Slots by what they have in common, so that what concerns all of a kind looks at no other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nestwalk/associative/hash_chains.h"

namespace nestwalk::associative {

/// Groups of slots, which are numbered from 0, by a `Tag` that the slots of a group share. `Tag` has == and a function
/// `hash_of(Tag)` beside it. Every slot is in at most one group; a group is while it has slots.
template <class Tag>
class slot_groups {
 public:
  using slot = std::uint32_t;
  using group = std::uint32_t;
  static constexpr slot none = ~slot{0};

  explicit slot_groups(std::size_t slots) : by_tag_(slots), slots_(slots) {}

  /// Groups are numbered below this; some of these may be empty.
  group bound() const { return static_cast<group>(groups_.size()); }
  /// Slots in the group.
  std::uint32_t size(group g) const { return groups_[g].size; }
  const Tag& tag(group g) const { return groups_[g].tag; }
  /// The group of the tag, or `none` where no slot has it.
  group find(const Tag& tag) const {
    for (group g = by_tag_.first(hash_of(tag)); g != none; g = by_tag_.next(g))
      if (groups_[g].tag == tag) return g;
    return none;
  }

  /// The slots of the group: from `first` by `next` to `none`.
  slot first(group g) const { return groups_[g].first; }
  slot next(slot s) const { return slots_[s].next; }

  /// Adds a slot that is in no group to that of the tag.
  void add(slot s, const Tag& tag) {
    group g = find(tag);
    if (g == none) g = make(tag);
    members& m = groups_[g];
    slots_[s] = {g, none, m.first};
    if (m.first != none) slots_[m.first].previous = s;
    m.first = s;
    ++m.size;
  }
  /// Takes a slot out of its group.
  void remove(slot s) {
    const links& l = slots_[s];
    members& m = groups_[l.in];
    (l.previous == none ? m.first : slots_[l.previous].next) = l.next;
    if (l.next != none) slots_[l.next].previous = l.previous;
    if (--m.size != 0) return;
    by_tag_.remove(l.in, hash_of(m.tag));
    empty_.push_back(l.in);
  }

 private:
  struct members {
    Tag tag;
    slot first = none;
    std::uint32_t size = 0;
  };
  struct links {
    group in = 0;
    slot previous = none;
    slot next = none;
  };

  group make(const Tag& tag) {
    if (empty_.empty()) {
      empty_.push_back(bound());
      groups_.emplace_back();
    }
    const group made = empty_.back();
    empty_.pop_back();
    groups_[made].tag = tag;
    by_tag_.add(made, hash_of(tag));
    return made;
  }

  std::vector<members> groups_;
  std::vector<group> empty_;
  hash_chains by_tag_;  // the groups that have slots
  std::vector<links> slots_;
};

}  // namespace nestwalk::associative
