// One of a remapping unit's two interrupts: its mask, its pending bit, and the message that it sends.
#pragma once

#include <cstdint>

#include "nestwalk/iommu/register_file.h"

namespace nestwalk::iommu {

/// An interrupt message: a write of `data` to `address`.
struct message {
  std::uint64_t address = 0;
  std::uint32_t data = 0;
};

/// Who sends messages; one is sent after the other, in the order of these calls.
class message_sender {
 public:
  virtual ~message_sender() = default;
  virtual void send(const message& m) = 0;
  /// Waits, in the calling process, until memory has answered every message that was sent before.
  virtual void drain() = 0;
};

/// The fault event or the invalidation event (VT-d specification, 7.3 and 6.5.2.10): with IM clear an event is a
/// message, with IM set it is held in IP until software clears IM, or until what raised it is cleared.
class event_line {
 public:
  /// The registers that control one event, in the order of the map: control, data, address, upper address.
  event_line(register_file& registers, unit_register control, message_sender& sender)
      : registers_(registers), control_(control), sender_(sender) {}

  /// Something to report turned up where nothing was before.
  void raise();
  /// Nothing is left to report.
  void withdraw() { registers_.set_bits(control_, event_control::ip, false); }
  /// Software wrote the control register.
  void control_written();
  /// Waits until the messages of this event, and of all others of its sender, have arrived.
  void drain() { sender_.drain(); }

 private:
  unit_register next(unsigned n) const { return static_cast<unit_register>(static_cast<unsigned>(control_) + n); }
  void send();

  register_file& registers_;
  unit_register control_;
  message_sender& sender_;
};

}  // namespace nestwalk::iommu
