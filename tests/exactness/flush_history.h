// Every operation that was obliged to drop cached mappings, and when.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "nestwalk/paging/invalidation.h"

namespace nestwalk::test {

class flush_history {
 public:
  void clear() { flushes_.clear(); }

  void add(const paging::selector& s, std::uint64_t now) { flushes_.push_back({s, now}); }

  /// When a mapping of these tags that covers the page at `base` was last obliged to go; 0 where never.
  std::uint64_t last(paging::mapping_kind kind, const paging::translation_tags& tags, bool global, std::uint64_t base,
                     unsigned size_log2) const {
    for (auto at = flushes_.rbegin(); at != flushes_.rend(); ++at)
      if (at->what.takes(kind) && at->what.tags_agree(paging::pack(tags, kind), global) &&
          at->what.covers(base, size_log2))
        return at->time;
    return 0;
  }

 private:
  struct flush {
    paging::selector what;
    std::uint64_t time;
  };
  std::deque<flush> flushes_;
};

}  // namespace nestwalk::test
