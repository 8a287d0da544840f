// The core's local time, ahead of SystemC's by at most a quantum (IEEE 1666, 15.2: temporal decoupling).
#pragma once

#include <systemc>

#include "nestwalk/cpu/core_time.h"
#include "nestwalk/timing/local_time.h"

namespace nestwalk::cpu {

/// How far the core has run ahead. As tlm_quantumkeeper, it synchronises at whole multiples of the quantum, but asks
/// the kernel for nothing until that point is reached: an access costs one comparison.
class quantum_keeper {
 public:
  /// `quantum` of zero synchronises after every access.
  explicit quantum_keeper(const sc_core::sc_time& quantum) : quantum_(quantum), ahead_until_(quantum) {}

  /// The time ahead of sc_time_stamp(): what is handed to b_transport.
  sc_core::sc_time& delay() { return delay_; }
  /// The moment that the core has reached.
  sc_core::sc_time now() const { return timing::local_time(delay_); }

  /// Lets the rest of the model catch up, where the quantum is used up. Only from the core's thread.
  void synchronise_if_due() {
    if (delay_ >= ahead_until_) synchronise();
  }
  /// An `input_error` where simulated time ends before.
  void synchronise() {
    if (delay_ > sc_core::sc_max_time() - sc_core::sc_time_stamp()) out_of_time();
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
