#include "nestwalk/timing/calendars.h"

#include <algorithm>

namespace nestwalk::timing {

calendars::placement calendars::reserve_in_gap(std::size_t which, ticks at, std::uint64_t row, const lengths& needed) {
  resource& r = resources_[which];
  unsigned next = 0;  // the gap in question lies before the next one that is kept
  while (r.kept(next).end <= at) ++next;
  for (;; ++next) {
    const reservation before = next == 0 ? reservation{at, at, unknown} : r.kept(next - 1);
    const state found = state_for(row, before.row);
    const ticks start = std::max(at, before.end);
    const ticks end = start + needed[found];
    if (next < depth && end > r.kept(next).start) continue;
    // Kept before the next one; the oldest goes, which may be this one.
    if (next == depth) {
      r.append(start, end, row);
    } else if (next > 0) {
      for (unsigned i = 1; i < next; ++i) r.keep(i - 1, r.kept(i));
      r.keep(next - 1, {start, end, row});
    }
    return {start, end, found};
  }
}

}  // namespace nestwalk::timing
