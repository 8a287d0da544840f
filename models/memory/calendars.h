// When shared resources are taken, in local time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nestwalk::memory {

/// The reservations of a set of resources (banks, data buses) in local time. Initiators run ahead of each other by up
/// to a quantum, so the order of calls is not the order of time: a request takes the first gap that is long enough at
/// or after its own time, even before reservations that were made earlier; those were answered and stay as they are.
/// The latest `depth` reservations of a resource are kept: a request from before all of them finds it free.
class calendars {
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

  explicit calendars(std::size_t resources) : latest_(resources), histories_(resources) {}

  /// Whether nothing is reserved at or after `at`, as for most requests.
  bool free(std::size_t which, ticks at) const { return latest_[which].end <= at; }

  /// Reserves resource `which`, which is `free`, for `row`.
  placement reserve_free(std::size_t which, ticks at, std::uint64_t row, const lengths& needed) {
    const state found = state_for(row, latest_[which].row);
    const ticks end = at + needed[found];
    append(which, {at, end, row});
    return {at, end, found};
  }
  /// As that, a resource that has no rows, for `needed`.
  void reserve_free(std::size_t which, ticks at, ticks needed) { append(which, {at, at + needed, unknown}); }

  /// Reserves resource `which` for `row`, from `at` or as soon as possible later.
  placement reserve(std::size_t which, ticks at, std::uint64_t row, const lengths& needed) {
    return free(which, at) ? reserve_free(which, at, row, needed) : reserve_in_gap(which, at, row, needed);
  }
  /// As that, a resource that has no rows, for `needed`; gives the start.
  ticks reserve(std::size_t which, ticks at, ticks needed) {
    if (!free(which, at)) return reserve_in_gap(which, at, unknown, {needed, needed, needed}).start;
    reserve_free(which, at, needed);
    return at;
  }

 private:
  static constexpr std::uint64_t unknown = ~std::uint64_t{0};

  /// A slot that was never used is a reservation of no length at the start of time.
  struct reservation {
    ticks start = 0;
    ticks end = 0;
    std::uint64_t row = unknown;
  };

  /// Of a resource's newest reservation. Most requests look at no other, so these lie together, within few cache lines.
  struct alignas(32) latest {
    ticks end = 0;
    std::uint64_t row = unknown;
    unsigned made = 0;  // reservations at the end of the line; the next one goes where the oldest is
  };
  using history = std::array<reservation, depth>;

  static state state_for(std::uint64_t wanted, std::uint64_t before) {
    return before == wanted ? same_row : before == unknown ? no_row : other_row;
  }

  void append(std::size_t which, const reservation& r) {
    latest& l = latest_[which];
    l.end = r.end;
    l.row = r.row;
    histories_[which][l.made++ % depth] = r;
  }

  placement reserve_in_gap(std::size_t which, ticks at, std::uint64_t row, const lengths& needed);

  std::vector<latest> latest_;
  std::vector<history> histories_;
};

}  // namespace nestwalk::memory
