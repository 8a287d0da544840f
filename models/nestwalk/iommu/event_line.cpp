#include "nestwalk/iommu/event_line.h"

namespace nestwalk::iommu {

void event_line::raise() {
  if ((registers_[control_] & event_control::im) != 0)
    registers_.set_bits(control_, event_control::ip, true);
  else
    send();
}

void event_line::control_written() {
  const std::uint64_t now = registers_[control_];
  if ((now & event_control::ip) == 0 || (now & event_control::im) != 0) return;
  registers_.set_bits(control_, event_control::ip, false);
  send();
}

void event_line::send() {
  sender_.send({registers_[next(2)] | registers_[next(3)] << 32, static_cast<std::uint32_t>(registers_[next(1)])});
}

}  // namespace nestwalk::iommu
