// The core's local time, ahead of SystemC's by at most a quantum (IEEE 1666, 15.2: temporal decoupling).
#pragma once

#include <systemc>

namespace nestwalk::cpu {

/// How far the core has run ahead. As tlm_quantumkeeper, it synchronises at whole multiples of the quantum, but asks
/// the kernel for nothing until that point is reached: an access costs one comparison.
class local_time {
 public:
  /// `quantum` of zero synchronises after every access.
  explicit local_time(const sc_core::sc_time& quantum) : quantum_(quantum), ahead_until_(quantum) {}

  /// The time ahead of sc_time_stamp(): what is handed to b_transport.
  sc_core::sc_time& delay() { return delay_; }
  /// The moment that the core has reached.
  sc_core::sc_time now() const { return sc_core::sc_time_stamp() + delay_; }

  /// Lets the rest of the model catch up, where the quantum is used up. Only from the core's thread.
  void synchronise_if_due() {
    if (delay_ >= ahead_until_) synchronise();
  }
  void synchronise() {
    sc_core::wait(delay_);
    delay_ = sc_core::SC_ZERO_TIME;
    ahead_until_ = quantum_;
    if (quantum_ != sc_core::SC_ZERO_TIME) ahead_until_ -= sc_core::sc_time_stamp() % quantum_;
  }

 private:
  sc_core::sc_time quantum_;
  sc_core::sc_time delay_;
  sc_core::sc_time ahead_until_;  // of delay_
};

}  // namespace nestwalk::cpu
