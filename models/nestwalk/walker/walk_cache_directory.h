// What finds the entries of a big walk cache without looking at each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nestwalk/associative/free_ways.h"
#include "nestwalk/associative/hash_chains.h"
#include "nestwalk/associative/recency.h"
#include "nestwalk/associative/slot_groups.h"
#include "nestwalk/walker/walk_cache_key.h"

namespace nestwalk::walker {

/// Beside the slots of a walk cache, which are numbered by set, then way: those that hold something, by address and
/// tags and by tags only, and in each set the free ways and the order of use.
class walk_cache_directory {
 public:
  using slot = associative::hash_chains::slot;
  static constexpr slot none = associative::hash_chains::none;

  walk_cache_directory(unsigned sets, unsigned ways)
      : ways_(ways),
        by_key_(std::size_t{sets} * ways),
        by_tags_(std::size_t{sets} * ways),
        order_(sets, ways),
        free_(sets, ways) {}

  /// The slots that may hold an address's upper bits under a key: from `first` by `next` to `none`.
  slot first(std::uint64_t prefix, const walk_cache_key& k) const { return by_key_.first(hash(prefix, k)); }
  slot next(slot s) const { return by_key_.next(s); }
  const associative::slot_groups<walk_cache_key>& by_tags() const { return by_tags_; }

  /// The way of the set that a fill takes: the lowest free one, else the one used longest ago.
  unsigned place_in(unsigned set) const {
    const unsigned way = free_.lowest(set);
    return way != free_.none ? way : order_.oldest(set);
  }

  /// A free slot begins to hold something.
  void enter(slot s, std::uint64_t prefix, const walk_cache_key& k) {
    by_key_.add(s, hash(prefix, k));
    by_tags_.add(s, k);
    free_.take(s / ways_, s % ways_);
  }
  /// The slot, which held something under the same words, is free again.
  void leave(slot s, std::uint64_t prefix, const walk_cache_key& k) {
    by_key_.remove(s, hash(prefix, k));
    by_tags_.remove(s);
    free_.release(s / ways_, s % ways_);
  }
  void use(slot s) { order_.touch(s / ways_, s % ways_); }

 private:
  static std::uint64_t hash(std::uint64_t prefix, const walk_cache_key& k) {
    return associative::mix(prefix, hash_of(k));
  }

  unsigned ways_;
  associative::hash_chains by_key_;
  associative::slot_groups<walk_cache_key> by_tags_;
  associative::recency order_;
  associative::free_ways free_;
};

}  // namespace nestwalk::walker
