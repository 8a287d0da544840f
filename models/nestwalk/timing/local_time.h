// Local time: where a process that runs ahead of SystemC's time stands.
#pragma once

#include <cstdint>

#include <systemc>

namespace nestwalk::timing {

/// The local time of a caller that is `delay` ahead of SystemC's. Durations are differences of it and never only
/// of delays: what is called may wait, and then hands back less delay than it was given.
inline sc_core::sc_time local_time(const sc_core::sc_time& delay) {
  return sc_core::sc_time_stamp() + delay;
}

/// Local time in steps of SystemC's resolution, for who asks often: sc_time_stamp() gives a reference to the kernel's
/// time, which is kept instead of being asked for at each call.
class local_clock {
 public:
  std::uint64_t at(const sc_core::sc_time& delay) const { return now_.value() + delay.value(); }

 private:
  const sc_core::sc_time& now_ = sc_core::sc_time_stamp();
};

}  // namespace nestwalk::timing
