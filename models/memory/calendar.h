// When a shared resource is taken, in local time.
#pragma once

#include <array>
#include <cstdint>

namespace nestwalk::memory {

/// The reservations of one resource (a bank, a data bus) in local time. Initiators run ahead of each other by up to a
/// quantum, so the order of calls is not the order of time: a request takes the first gap that is long enough at or
/// after its own time, even before reservations that were made earlier; those were answered and stay as they are.
/// The latest `depth` reservations are kept: a request from before all of them finds the resource free.
class calendar {
 public:
  using ticks = std::uint64_t;
  static constexpr unsigned depth = 8;

  /// What a reservation for a row finds in the one just before it: the same row, none that is known of, another one.
  enum state : unsigned { same_row, no_row, other_row };
  static constexpr unsigned states = 3;
  /// The time needed, by what is found.
  using lengths = std::array<ticks, states>;

  /// What was reserved: [start, end).
  struct placement {
    ticks start;
    ticks end;
    state found;
  };

  /// Reserves for `row`, from `at` or as soon as possible later.
  placement reserve(ticks at, std::uint64_t row, const lengths& needed) {
    if (newest_end_ > at) return reserve_in_gap(at, row, needed);
    const state found = state_for(row, newest_row_);
    const ticks end = at + needed[found];
    append({at, end, row});
    return {at, end, found};
  }

 private:
  static constexpr std::uint64_t unknown = ~std::uint64_t{0};

  /// A slot that was never used is a reservation of no length at the start of time.
  struct reservation {
    ticks start = 0;
    ticks end = 0;
    std::uint64_t row = unknown;
  };

  static state state_for(std::uint64_t wanted, std::uint64_t before) {
    return before == wanted ? same_row : before == unknown ? no_row : other_row;
  }

  void append(const reservation& r) {
    newest_end_ = r.end;
    newest_row_ = r.row;
    slots_[made_++ % depth] = r;
  }

  /// The i-th of those kept, oldest first; they are in order of time and do not overlap.
  reservation& slot(unsigned i) { return slots_[(made_ + i) % depth]; }

  placement reserve_in_gap(ticks at, std::uint64_t row, const lengths& needed);

  // Of the newest one: most requests look at no other.
  ticks newest_end_ = 0;
  std::uint64_t newest_row_ = unknown;
  unsigned made_ = 0;  // reservations at the end of the line; the next one goes where the oldest is
  std::array<reservation, depth> slots_{};
};

}  // namespace nestwalk::memory
