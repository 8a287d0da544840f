// What an initiator's socket leads to, for calls with the access extension at hand.
#pragma once

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/memory_sockets.h"

namespace nestwalk::protocol {

/// Blocking transport by an initiator that knows the access extension of what it sends. A `blocking_target` at the
/// other end is given the extension beside its payload, as a look for it costs a call at every hop; any other target
/// finds it where it is.
class access_way {
 public:
  /// Once all is bound.
  void lead_to(memory_initiator_socket& socket) {
    any_ = socket.operator->();
    knowing_ = dynamic_cast<blocking_target*>(any_);
  }

  /// As b_transport. `access` is the payload's access extension, null where it has none.
  void transport(tlm::tlm_generic_payload& payload, access_extension* access, sc_core::sc_time& delay) const {
    if (knowing_ != nullptr)
      knowing_->transport(payload, access, delay);
    else
      any_->b_transport(payload, delay);
  }
  /// What the socket leads to, for all else.
  memory_forward* operator->() const { return any_; }

 private:
  memory_forward* any_ = nullptr;
  blocking_target* knowing_ = nullptr;
};

}  // namespace nestwalk::protocol
