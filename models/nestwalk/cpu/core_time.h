// Cycles as simulated time, rounded once and never computed again.
#pragma once

#include <cmath>
#include <cstdint>

#include <systemc>

#include "nestwalk/protocol/error.h"

namespace nestwalk::cpu {

/// Ends a run that has come to the end of simulated time.
[[noreturn]] inline void out_of_time() {
  throw input_error(
      "core: simulated time ends at " + sc_core::sc_max_time().to_string() +
      ", and the run goes on beyond it; end it earlier (--limit), or give a shorter core.cycle or fewer instructions");
}

/// `count` cycles of the given period; an `input_error` where simulated time is too short for them.
inline sc_core::sc_time cycles(std::uint64_t count, const sc_core::sc_time& cycle) {
  std::uint64_t all = 0;
  if (__builtin_mul_overflow(count, cycle.value(), &all)) out_of_time();
  return sc_core::sc_time::from_value(all);
}

/// Adds to a local time; an `input_error` where it would begin anew.
inline void spend(sc_core::sc_time& delay, const sc_core::sc_time& time) {
  if (time > sc_core::sc_max_time() - delay) out_of_time();
  delay += time;
}

/// A number of cycles that need not be whole, to the nearest unit of the time resolution.
inline sc_core::sc_time fractional_cycles(double count, const sc_core::sc_time& cycle) {
  return sc_core::sc_time::from_value(
      static_cast<std::uint64_t>(std::llround(count * static_cast<double>(cycle.value()))));
}

}  // namespace nestwalk::cpu
