// Cycles as simulated time, rounded once and never computed again.
#pragma once

#include <cmath>
#include <cstdint>

#include <systemc>

namespace nestwalk::cpu {

/// `count` cycles of the given period.
inline sc_core::sc_time cycles(std::uint64_t count, const sc_core::sc_time& cycle) {
  return sc_core::sc_time::from_value(count * cycle.value());
}

/// A number of cycles that need not be whole, to the nearest unit of the time resolution.
inline sc_core::sc_time fractional_cycles(double count, const sc_core::sc_time& cycle) {
  return sc_core::sc_time::from_value(
      static_cast<std::uint64_t>(std::llround(count * static_cast<double>(cycle.value()))));
}

}  // namespace nestwalk::cpu
