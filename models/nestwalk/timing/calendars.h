// When shared resources are taken, in local time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nestwalk::timing {

/// The reservations of a set of resources (banks, data buses) in local time. Initiators run ahead of each other by up
/// to a quantum, so the order of calls is not the order of time: a request takes the first gap that is long enough at
/// or after its own time, even before reservations that were made earlier; those were answered and stay as they are.
/// The latest `depth` reservations of a resource are kept: a request from before all of them finds it free.
class calendars {
 public:
  using ticks = std::uint64_t;
  static constexpr unsigned depth = 8;

  /// What a reservation for a row finds in the one just before it: the same row, none that is known of, another one.
  enum state : std::size_t { same_row, no_row, other_row };
  static constexpr std::size_t states = 3;
  /// The time needed, by what is found.
  using lengths = std::array<ticks, states>;

  /// What was reserved: [start, end).
  struct placement {
    ticks start;
    ticks end;
    state found;
  };

  explicit calendars(std::size_t resources) : resources_(resources) {}

  /// Whether nothing is reserved at or after `at`, as for most requests.
  bool free(std::size_t which, ticks at) const {
    const resource& r = resources_[which];
    return r.ends[r.newest] <= at;
  }

  /// Reserves resource `which`, which is `free`, for `row`.
  placement reserve_free(std::size_t which, ticks at, std::uint64_t row, const lengths& needed) {
    resource& r = resources_[which];
    const state found = state_for(row, r.rows[r.newest]);
    const ticks end = at + needed[found];
    r.append(at, end, row);
    return {at, end, found};
  }
  /// As that, a resource that has no rows, for `needed`.
  void reserve_free(std::size_t which, ticks at, ticks needed) { resources_[which].append(at, at + needed); }

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

  struct reservation {
    ticks start;
    ticks end;
    std::uint64_t row;
  };

  /// The latest reservations of one resource, in a ring; in order of time, and they do not overlap. One that was never
  /// made is one of no length at the start of time.
  struct alignas(64) resource {
    std::size_t newest = 0;
    std::array<ticks, depth> starts{};
    std::array<ticks, depth> ends{};
    std::array<std::uint64_t, depth> rows;

    resource() { rows.fill(unknown); }

    void append(ticks from, ticks to) {
      newest = (newest + 1) % depth;
      starts[newest] = from;
      ends[newest] = to;
    }
    void append(ticks from, ticks to, std::uint64_t row) {
      append(from, to);
      rows[newest] = row;
    }
    /// The `i`-th, oldest first.
    reservation kept(unsigned i) const {
      const std::size_t at = (newest + 1 + i) % depth;
      return {starts[at], ends[at], rows[at]};
    }
    void keep(unsigned i, const reservation& r) {
      const std::size_t at = (newest + 1 + i) % depth;
      starts[at] = r.start;
      ends[at] = r.end;
      rows[at] = r.row;
    }
  };

  static state state_for(std::uint64_t wanted, std::uint64_t before) {
    return before == wanted ? same_row : before == unknown ? no_row : other_row;
  }

  placement reserve_in_gap(std::size_t which, ticks at, std::uint64_t row, const lengths& needed);

  std::vector<resource> resources_;
};

}  // namespace nestwalk::timing
