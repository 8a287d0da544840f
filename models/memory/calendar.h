// When a shared resource is taken, in local time.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace nestwalk::memory {

/// The reservations of one resource (a bank, a data bus) in local time. Initiators run ahead of each other by up to a
/// quantum, so the order of calls is not the order of time: a request takes the first gap that is long enough at or
/// after its own time, even before reservations that were made earlier; those were answered and stay as they are.
/// The latest `depth` reservations are kept: a request from before all of them finds the resource free.
class calendar {
 public:
  using ticks = std::uint64_t;
  static constexpr unsigned depth = 8;
  static constexpr std::uint64_t no_row = ~std::uint64_t{0};

  /// What was reserved: [start, end), for `row`; `before` is the row of the reservation just before it.
  struct placement {
    ticks start;
    ticks end;
    std::uint64_t before;
  };

  /// Reserves from `at` or as soon as possible later. `length(before)` gives the time needed where the reservation just
  /// before was for the row `before` (`no_row` where nothing is known before).
  template <class Length>
  placement reserve(ticks at, std::uint64_t row, Length&& length) {
    if (count_ == 0 || slot(count_ - 1).end <= at) {
      const std::uint64_t before = count_ == 0 ? no_row : slot(count_ - 1).row;
      append({at, at + length(before), row});
      return {at, slot(count_ - 1).end, before};
    }
    return reserve_in_gap(at, row, length);
  }

 private:
  struct reservation {
    ticks start;
    ticks end;
    std::uint64_t row;
  };

  reservation& slot(unsigned i) { return slots_[(oldest_ + i) % depth]; }

  void append(const reservation& r) {
    if (count_ == depth)
      oldest_ = (oldest_ + 1) % depth;
    else
      ++count_;
    slot(count_ - 1) = r;
  }

  template <class Length>
  placement reserve_in_gap(ticks at, std::uint64_t row, Length& length) {
    unsigned next = 0;  // the gap in question lies before slot(next)
    while (next < count_ && slot(next).end <= at) ++next;
    for (;; ++next) {
      const std::uint64_t before = next == 0 ? no_row : slot(next - 1).row;
      const ticks start = next == 0 || slot(next - 1).end < at ? at : slot(next - 1).end;
      const ticks end = start + length(before);
      const ticks limit = next == count_ ? std::numeric_limits<ticks>::max() : slot(next).start;
      if (end > limit) continue;
      insert(next, {start, end, row});
      return {start, end, before};
    }
  }

  void insert(unsigned at, const reservation& r) {
    if (at == count_) return append(r);
    if (count_ == depth) {
      if (at == 0) return;  // older than all that is kept
      oldest_ = (oldest_ + 1) % depth;
      --at;
    } else {
      ++count_;
    }
    for (unsigned i = count_ - 1; i > at; --i) slot(i) = slot(i - 1);
    slot(at) = r;
  }

  std::array<reservation, depth> slots_{};
  unsigned oldest_ = 0;
  unsigned count_ = 0;
};

}  // namespace nestwalk::memory
