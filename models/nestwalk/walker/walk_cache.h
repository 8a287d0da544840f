// Paging-structure caches: where walks may begin instead of the root.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "nestwalk/paging/format.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/paging/walk.h"
#include "nestwalk/walker/walk_cache_config.h"
#include "nestwalk/walker/walk_cache_key.h"
#include "nestwalk/walker/walk_cache_level.h"

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
  using key = walk_cache_key;

  /// Throws input_error where ways do not divide entries; the message begins with `owner`.
  walk_cache(const walk_cache_config& config, const std::string& owner);

  /// Whether any level is built.
  bool built() const { return built_; }

  /// The lowest entry kept for the address `in`, or null; the hit becomes the most recently used.
  const content* find(const paging::format& f, std::uint64_t in, const key& k) {
    for (unsigned level = 2; level <= f.levels; ++level)
      if (const content* const hit = levels_[level].find(in >> f.level[level].shift, k)) return hit;
    return nullptr;
  }

  /// Keeps what the entry of `level`, at least 2, led to.
  void fill(const paging::format& f, std::uint64_t in, const key& k, unsigned level, const content& c) {
    if (levels_[level].built()) levels_[level].fill(in >> f.level[level].shift, k, c);
  }

  /// Takes away what the selector takes, by tags: whatever the address and the global flag, as entries that refer to
  /// tables have none (SDM vol. 3, 4.10.4.1).
  void invalidate(const paging::selector& s);

 private:
  void build(unsigned level, const walk_cache_size& size, const std::string& owner, const char* name);

  std::array<walk_cache_level<content>, paging::most_levels + 1> levels_;  // by level of the entries held
  bool built_ = false;
};

extern template class walk_cache<paging::gpa>;
extern template class walk_cache<paging::hpa>;

}  // namespace nestwalk::walker
