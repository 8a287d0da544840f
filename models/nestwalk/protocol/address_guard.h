// Restores a payload's address on every path out of a call.
#pragma once

#include <tlm>

namespace nestwalk::protocol {

/// Gives a payload another address for as long as the guard lives (IEEE 1666, 14.8: interconnect that changes the
/// address restores it before it returns).
class address_guard {
 public:
  address_guard(tlm::tlm_generic_payload& payload, sc_dt::uint64 address)
      : payload_(payload), original_(payload.get_address()) {
    payload.set_address(address);
  }
  ~address_guard() { payload_.set_address(original_); }
  address_guard(const address_guard&) = delete;
  address_guard& operator=(const address_guard&) = delete;

 private:
  tlm::tlm_generic_payload& payload_;
  sc_dt::uint64 original_;
};

}  // namespace nestwalk::protocol
