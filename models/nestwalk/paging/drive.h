// The loop that answers a walk's steps, once for every walker, timed or not.
#pragma once

#include <cstdint>

#include "nestwalk/paging/walk.h"

namespace nestwalk::paging {

/// How a port answered the exchange that a walk asked for.
enum class exchange_result : std::uint8_t { stored, changed, failed };

/// Answers the steps of `w` through `port` until it is mapped or faulted. The port offers
///     bool read(Out entry, unsigned level, unsigned bytes, std::uint64_t& value);
///     exchange_result exchange(Out entry, unsigned level, unsigned bytes, std::uint64_t expected, std::uint64_t
///     desired);
///     bool log(hpa slot, std::uint64_t record);                    // a nested walk's
/// and keeps the fault where it answers false or `failed`. Returns whether every step was answered.
template <class Walk, class Port>
[[gnu::always_inline]] inline bool drive(Walk& w, unsigned entry_log2, Port&& port) {
  const unsigned bytes = 1u << entry_log2;
  for (walk_step next = w.state();;) {
    if (next == walk_step::read) {
      if (!w.read_down(
              [&](auto entry, unsigned level, std::uint64_t& value) { return port.read(entry, level, bytes, value); }))
        return false;
      next = w.state();
    } else if (next > walk_step::log) {
      return true;
    } else if (next == walk_step::update) {
      const exchange_result done = port.exchange(w.entry(), w.level(), bytes, w.expected(), w.desired());
      if (done == exchange_result::failed) return false;
      next = done == exchange_result::stored ? w.updated() : w.lost();
    } else if constexpr (Walk::can_log) {
      if (!port.log(w.log_slot(), w.record())) return false;
      next = w.logged();
    }
  }
}

}  // namespace nestwalk::paging
