// Paging-structure caches: where walks may begin instead of the root.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "paging/format.h"
#include "paging/invalidation.h"
#include "paging/stage.h"
#include "paging/walk.h"
#include "walker/walk_cache_config.h"

namespace nestwalk::walker {

/// The 4-KByte host page that holds a table, and the rights with which the second stage mapped it.
struct table_page {
  paging::hpa page;
  paging::rights granted;
};

/// The walk caches of one walker, a cache for each level above the lowest. Who fills them answers for the design's rule
/// that the accessed flags of an entry and of all above it are set.
template <class Out>
class walk_cache {
 public:
  /// What a hit gives.
  struct content {
    paging::walk_start<Out> start;  ///< where the walk begins
    table_page host;                ///< that table's page, where `holds_host`
    bool holds_host = false;
  };
  /// Under which tags an entry stands.
  struct key {
    paging::translation_tags tags;
    paging::mapping_kind kind = paging::mapping_kind::linear;
    friend bool operator==(const key& a, const key& b) { return a.tags == b.tags && a.kind == b.kind; }
  };

  /// Throws input_error where ways do not divide entries; the message begins with `owner`.
  walk_cache(const walk_cache_config& config, const std::string& owner);

  /// Whether any level is built.
  bool built() const { return built_; }

  /// The lowest entry kept for the address `in`, or null; the hit becomes the most recently used.
  const content* find(const paging::format& f, std::uint64_t in, const key& k) {
    for (unsigned level = 2; level <= f.levels; ++level) {
      if (slot* const hit = levels_[level].find(in >> f.level[level].shift, k)) {
        hit->used = ++clock_;
        return &hit->kept;
      }
    }
    return nullptr;
  }

  /// Keeps what the entry of `level`, at least 2, led to.
  void fill(const paging::format& f, std::uint64_t in, const key& k, unsigned level, const content& c) {
    if (levels_[level].slots.empty()) return;
    const std::uint64_t prefix = in >> f.level[level].shift;
    slot& s = levels_[level].place(prefix, k);
    s = {prefix, ++clock_, k, c};
  }

  /// Takes away what the selector takes, by tags: whatever the address and the global flag, as entries that refer to
  /// tables have none (SDM vol. 3, 4.10.4.1).
  void invalidate(const paging::selector& s);

 private:
  static constexpr std::uint64_t empty = ~std::uint64_t{0};  // no prefix: at least 12 bits are shifted out
  struct slot {
    std::uint64_t prefix = empty;
    std::uint64_t used = 0;
    key under;
    content kept;
  };
  struct level_cache {
    std::vector<slot> slots;
    std::size_t ways = 0;
    std::size_t sets = 0;

    slot* set_of(std::uint64_t prefix) { return slots.data() + (prefix % sets) * ways; }
    slot* find(std::uint64_t prefix, const key& k) {
      if (slots.empty()) return nullptr;
      slot* const set = set_of(prefix);
      for (std::size_t way = 0; way < ways; ++way)
        if (set[way].prefix == prefix && set[way].under == k) return set + way;
      return nullptr;
    }
    slot& place(std::uint64_t prefix, const key& k) {
      if (slot* const same = find(prefix, k)) return *same;
      slot* const set = set_of(prefix);
      slot* oldest = set;
      for (std::size_t way = 1; way < ways; ++way)
        if (set[way].used < oldest->used) oldest = set + way;
      return *oldest;
    }
  };

  void build(unsigned level, const walk_cache_size& size, const std::string& owner, const char* name);

  std::array<level_cache, paging::most_levels + 1> levels_;  // by level of the entries held
  std::uint64_t clock_ = 0;
  bool built_ = false;
};

extern template class walk_cache<paging::gpa>;
extern template class walk_cache<paging::hpa>;

}  // namespace nestwalk::walker
