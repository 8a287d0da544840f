// An array of a TLB as one would write it down: everything is looked at, nothing is remembered for speed.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "nestwalk/paging/invalidation.h"
#include "nestwalk/tlb/config.h"
#include "nestwalk/tlb/page_size.h"

namespace nestwalk::test {

/// The contract of `tlb::tlb_array` and `tlb::replacement`, by scans over plain fields.
class plain_array {
 public:
  struct held {
    bool valid = false;
    std::uint64_t address = 0;  // of the page held
    unsigned size_index = 0;
    unsigned page_log2 = 0;  // of the page that software mapped
    paging::translation_tags tags;
    paging::mapping_kind kind = paging::mapping_kind::linear;
    bool global = false;
    std::uint64_t name = 0;  // tells fills apart
    std::uint64_t used = 0;
    std::uint64_t filled = 0;
  };

  plain_array(const tlb::array_config& c, tlb::replacement_policy policy, std::uint32_t seed)
      : policy_(policy), ways_(c.ways == 0 ? c.entries : c.ways), sets_(c.entries / ways_), random_(seed) {
    while (leaves_ < ways_) leaves_ *= 2;
    for (set& s : sets_) {
      s.ways.resize(ways_);
      s.points_right.resize(leaves_);
    }
  }

  /// The first in its set that answers, or null. Under guest-physical kinds no VPID and no PCID counts.
  held* find(const held& asked) {
    for (held& h : set_of(asked).ways)
      if (h.valid && h.size_index == asked.size_index && page(h) == page(asked) && h.kind == asked.kind &&
          h.tags.space == asked.tags.space && h.tags.second == asked.tags.second &&
          (h.global || h.tags.process == asked.tags.process))
        return &h;
    return nullptr;
  }
  void used(const held* h) {
    set& s = set_of(*h);
    const auto way = static_cast<unsigned>(h - s.ways.data());
    s.ways[way].used = ++clock_;
    point_away(s, way);
  }
  held* place_for(const held& asked) {
    set& s = set_of(asked);
    for (held& h : s.ways)
      if (!h.valid) return &h;
    return &s.ways[victim(s)];
  }
  void fill(held* place, const held& h) {
    set& s = set_of(h);
    *place = h;
    place->valid = true;
    place->filled = place->used = ++clock_;
    point_away(s, static_cast<unsigned>(place - s.ways.data()));
  }
  unsigned drop(const paging::selector& s) {
    unsigned dropped = 0;
    for (set& each : sets_)
      for (held& h : each.ways) {
        if (!h.valid || !s.takes(h.kind) || !s.tags_agree(pack(h.tags, h.kind), h.global) ||
            !s.covers(h.address >> h.page_log2 << h.page_log2, h.page_log2))
          continue;
        h.valid = false;
        ++dropped;
      }
    return dropped;
  }

 private:
  struct set {
    std::vector<held> ways;
    std::vector<bool> points_right;  // by node of the tree, 1 the root
  };

  static std::uint64_t page(const held& h) { return h.address >> tlb::page_size_log2[h.size_index]; }
  set& set_of(const held& h) { return sets_[page(h) % sets_.size()]; }

  unsigned victim(set& s) {
    unsigned chosen = 0;
    switch (policy_) {
      case tlb::replacement_policy::lru:
        for (unsigned way = 1; way < ways_; ++way)
          if (s.ways[way].used < s.ways[chosen].used) chosen = way;
        return chosen;
      case tlb::replacement_policy::fifo:
        for (unsigned way = 1; way < ways_; ++way)
          if (s.ways[way].filled < s.ways[chosen].filled) chosen = way;
        return chosen;
      case tlb::replacement_policy::tree_plru: return pointed_at(s, 1, 0, leaves_);
      case tlb::replacement_policy::random: break;
    }
    return static_cast<unsigned>(random_() % ways_);
  }
  unsigned pointed_at(const set& s, unsigned node, unsigned first, unsigned count) const {
    if (count == 1) return first;
    const unsigned middle = first + count / 2;
    const bool right = s.points_right[node] && middle < ways_;
    return pointed_at(s, 2 * node + (right ? 1 : 0), right ? middle : first, count / 2);
  }
  void point_away(set& s, unsigned way) {
    unsigned node = 1, first = 0;
    for (unsigned count = leaves_; count > 1; count /= 2) {
      const unsigned middle = first + count / 2;
      const bool in_right = way >= middle;
      s.points_right[node] = !in_right;
      node = 2 * node + (in_right ? 1 : 0);
      if (in_right) first = middle;
    }
  }

  tlb::replacement_policy policy_;
  unsigned ways_;
  unsigned leaves_ = 1;
  std::uint64_t clock_ = 0;
  std::vector<set> sets_;
  std::minstd_rand random_;
};

}  // namespace nestwalk::test
