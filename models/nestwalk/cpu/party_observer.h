// What a core tells whoever wants to know when the program, the guest kernel and the VMM run.
#pragma once

#include <systemc>

#include "nestwalk/cpu/cycle_account.h"
#include "nestwalk/protocol/vm_exit.h"

namespace nestwalk::cpu {

/// Follows whose time a core's time is. It changes nothing and takes no time.
class party_observer {
 public:
  virtual ~party_observer() = default;

  /// `who` has run until local time `now`, from the last call on; told at each change and before statistics are read.
  virtual void ran(party who, const sc_core::sc_time& now) = 0;
  /// The guest leaves for the VMM; the `ran` of the guest's part follows.
  virtual void exits(protocol::exit_reason /*why*/) {}
};

}  // namespace nestwalk::cpu
