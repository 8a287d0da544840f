#include "memory/calendars.h"

#include <algorithm>

namespace nestwalk::memory {

calendars::placement calendars::reserve_in_gap(std::size_t which, ticks at, std::uint64_t row, const lengths& needed) {
  // Those kept, oldest first: in order of time, and they do not overlap.
  const auto slot = [&](unsigned i) -> reservation& { return histories_[which][(latest_[which].made + i) % depth]; };
  unsigned next = 0;  // the gap in question lies before slot(next)
  while (slot(next).end <= at) ++next;
  for (;; ++next) {
    const reservation before = next == 0 ? reservation{at, at, unknown} : slot(next - 1);
    const state found = state_for(row, before.row);
    const ticks start = std::max(at, before.end);
    const ticks end = start + needed[found];
    if (next < depth && end > slot(next).start) continue;
    // Kept before slot(next); the oldest goes, which may be this one.
    if (next > 0) {
      const reservation made{start, end, row};
      if (next == depth) {
        append(which, made);
      } else {
        for (unsigned i = 1; i < next; ++i) slot(i - 1) = slot(i);
        slot(next - 1) = made;
      }
    }
    return {start, end, found};
  }
}

}  // namespace nestwalk::memory
