// A set-associative cache of device-table entries, by a number that names what an entry belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <systemc>

#include "nestwalk/iommu/entry_cache_config.h"
#include "nestwalk/protocol/error.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/tlb/replacement.h"

namespace nestwalk::iommu {

/// Keeps `Content` by key. Only present, well-formed entries are filled in; what is filled after a call that may have
/// waited is dropped where an invalidation came meanwhile, which `epoch` tells.
template <class Content>
class entry_cache {
 public:
  struct counters {
    statistics::counter hits = 0;
    statistics::counter misses = 0;
    statistics::counter evictions = 0;
    statistics::counter invalidated = 0;
  };

  /// Throws input_error where the shape is none; the message begins with `owner`.
  entry_cache(const entry_cache_config& c, const std::string& owner)
      : ways_(c.ways == 0 ? c.entries : c.ways),
        sets_(c.entries == 0 ? 0 : c.entries / ways_),
        latency_cycles_(c.latency_cycles),
        slots_(c.entries),
        replacement_(c.replacement, sets_ == 0 ? 1 : sets_, ways_ == 0 ? 1 : ways_, c.seed) {
    if (c.entries != 0 && c.entries % ways_ != 0)
      throw input_error(owner + ".ways: " + std::to_string(ways_) + " does not divide the " +
                        std::to_string(c.entries) + " entries; take a divisor, or 0 for full associativity");
  }

  bool built() const { return !slots_.empty(); }
  unsigned latency_cycles() const { return latency_cycles_; }

  /// Where an entry stands; it stays there while `generation` does.
  struct place {
    unsigned slot = 0;
  };

  /// What is kept under `key`, or null; counted. Good until the next call of any kind.
  const Content* find(std::uint64_t key) {
    place at;
    return find(key, at);
  }
  const Content* find(std::uint64_t key, place& at) {
    if (!built()) return nullptr;
    const unsigned first = set_of(key) * ways_;
    for (unsigned n = first; n < first + ways_; ++n) {
      slot& s = slots_[n];
      if (!s.valid || s.key != key) continue;
      at = {n};
      use_again(at);
      return &s.content;
    }
    ++counts_.misses;
    return nullptr;
  }

  /// Counts a look-up that finds the entry at a place, as `find` would.
  void use_again(const place& at) {
    ++counts_.hits;
    if (at.slot == last_.slot) return;  // used last: using it again changes no order
    replacement_.used(at.slot / ways_, at.slot % ways_);
    last_ = at;
  }

  /// Keeps an entry, unless something was invalidated since `since`; says whether and where.
  bool fill(std::uint64_t key, const Content& content, std::uint64_t since, place& at) {
    if (!built() || since != epoch_) return false;
    const unsigned set = set_of(key);
    const unsigned way = way_for(set, key);
    slot& s = slots_[std::size_t{set} * ways_ + way];
    if (s.valid && s.key != key) {
      ++counts_.evictions;
      ++generation_;
    }
    s = {key, content, true};
    replacement_.filled(set, way);
    last_ = at = {set * ways_ + way};
    return true;
  }
  bool fill(std::uint64_t key, const Content& content, std::uint64_t since) {
    place at;
    return fill(key, content, since, at);
  }

  /// Takes away every entry of which `goes(key, content)` is true.
  template <class Goes>
  void invalidate(const Goes& goes) {
    ++epoch_;
    ++generation_;
    for (slot& s : slots_) {
      if (!s.valid || !goes(s.key, s.content)) continue;
      s.valid = false;
      ++counts_.invalidated;
    }
  }

  /// Moves on with every invalidation.
  std::uint64_t epoch() const { return epoch_; }
  /// Moves on with every invalidation and eviction.
  std::uint64_t generation() const { return generation_; }

  void describe(statistics::group& into) {
    into.add("hits", "look-ups", "Look-ups that found the entry.", counts_.hits);
    into.add("misses", "look-ups", "Look-ups that did not.", counts_.misses);
    into.add("evictions", "entries", "Entries that made room for others.", counts_.evictions);
    into.add("invalidated", "entries", "Entries that invalidations took away.", counts_.invalidated);
  }
  const counters& counts() const { return counts_; }

 private:
  struct slot {
    std::uint64_t key = 0;
    Content content{};
    bool valid = false;
  };

  // Neighbouring functions and PASIDs fall into neighbouring sets.
  unsigned set_of(std::uint64_t key) const { return static_cast<unsigned>((key ^ key >> 16) % sets_); }
  unsigned way_for(unsigned set, std::uint64_t key) {
    unsigned empty = ways_;
    for (unsigned way = 0; way < ways_; ++way) {
      const slot& s = slots_[std::size_t{set} * ways_ + way];
      if (s.valid && s.key == key) return way;
      if (!s.valid && empty == ways_) empty = way;
    }
    return empty != ways_ ? empty : replacement_.victim(set);
  }

  unsigned ways_;
  unsigned sets_;
  unsigned latency_cycles_;
  std::vector<slot> slots_;
  tlb::replacement replacement_;
  place last_{~0u};  // the entry used or filled last
  std::uint64_t epoch_ = 0;
  std::uint64_t generation_ = 0;
  counters counts_;
};

}  // namespace nestwalk::iommu
