// One level's paging-structure cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "nestwalk/walker/walk_cache_directory.h"
#include "nestwalk/walker/walk_cache_key.h"

namespace nestwalk::walker {

/// Sets of ways, replaced by least recent use, a free one first. A few ways are looked at one by one; for many, and for
/// an invalidation among many entries, a directory tells the same at once.
template <class Content>
class walk_cache_level {
 public:
  static constexpr unsigned most_scanned_ways = 16;
  static constexpr unsigned most_scanned_entries = 4096;

  /// `ways` divides `entries`. Without entries it is not built and may only be asked.
  void build(unsigned entries, unsigned ways) {
    slots_.resize(entries);
    ways_ = ways;
    sets_ = entries / ways;
    if (ways > most_scanned_ways || entries > most_scanned_entries)
      directory_ = std::make_unique<walk_cache_directory>(entries / ways, ways);
  }
  bool built() const { return !slots_.empty(); }

  /// What is kept for an address's upper bits, or null; a hit becomes the most recently used.
  const Content* find(std::uint64_t prefix, const walk_cache_key& k) {
    if (slots_.empty()) return nullptr;
    slot* const hit = search(prefix, k);
    if (hit == nullptr) return nullptr;
    use(*hit);
    return &hit->kept;
  }

  /// Keeps it in place of what was kept for these, else of what the policy names. For a level that is built.
  void fill(std::uint64_t prefix, const walk_cache_key& k, const Content& c) {
    slot* s = search(prefix, k);
    if (s != nullptr) {
      s->kept = c;
    } else {
      s = &place_in(prefix % sets_);
      if (directory_ != nullptr) directory_->enter(index_of(*s), prefix, k);
      *s = {prefix, 0, k, c};
    }
    use(*s);
  }

  /// Drops what stands under tags that `condemned` names.
  template <class Condemned>
  void drop(const Condemned& condemned) {
    if (directory_ != nullptr) return drop_groups(condemned);
    for (slot& s : slots_)
      if (s.prefix != empty && condemned(s.under)) s = slot{};
  }

 private:
  static constexpr std::uint64_t empty = ~std::uint64_t{0};  // no prefix: at least 12 bits are shifted out
  struct slot {
    std::uint64_t prefix = empty;
    std::uint64_t used = 0;
    walk_cache_key under;
    Content kept;
  };

  slot* search(std::uint64_t prefix, const walk_cache_key& k) {
    const auto holds = [&](const slot& s) { return s.prefix == prefix && s.under == k; };
    if (directory_ != nullptr) {
      auto at = directory_->first(prefix, k);
      while (at != directory_->none && !holds(slots_[at])) at = directory_->next(at);
      return at == directory_->none ? nullptr : &slots_[at];
    }
    slot* const set = slots_.data() + (prefix % sets_) * ways_;
    for (std::size_t way = 0; way < ways_; ++way)
      if (holds(set[way])) return set + way;
    return nullptr;
  }
  /// A slot of the set that is free, or becomes so.
  slot& place_in(std::size_t set_index) {
    slot* const set = slots_.data() + set_index * ways_;
    if (directory_ != nullptr) {
      slot& s = set[directory_->place_in(static_cast<unsigned>(set_index))];
      if (s.prefix != empty) directory_->leave(index_of(s), s.prefix, s.under);
      return s;
    }
    slot* oldest = set;
    for (std::size_t way = 1; way < ways_; ++way)
      if (set[way].used < oldest->used) oldest = set + way;
    return *oldest;
  }
  void use(slot& s) {
    s.used = ++clock_;
    if (directory_ != nullptr) directory_->use(index_of(s));
  }
  template <class Condemned>
  void drop_groups(const Condemned& condemned) {
    const auto& groups = directory_->by_tags();
    for (std::uint32_t g = 0; g < groups.bound(); ++g) {
      if (groups.size(g) == 0 || !condemned(groups.tag(g))) continue;
      for (auto at = groups.first(g); at != groups.none;) {
        slot& s = slots_[at];
        at = groups.next(at);
        directory_->leave(index_of(s), s.prefix, s.under);
        s = slot{};
      }
    }
  }
  std::uint32_t index_of(const slot& s) const { return static_cast<std::uint32_t>(&s - slots_.data()); }

  std::vector<slot> slots_;  // by set, then way
  std::size_t ways_ = 1;
  std::size_t sets_ = 1;
  std::uint64_t clock_ = 0;
  std::unique_ptr<walk_cache_directory> directory_;  // where ways or entries are too many to be looked at
};

}  // namespace nestwalk::walker
