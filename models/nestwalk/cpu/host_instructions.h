// What the VMM may do while it handles an exit: instructions of the core in host context.
#pragma once

#include <cstdint>

#include <systemc>

#include "nestwalk/paging/invalidation.h"
#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::cpu {

/// Offered by the core to the VMM. Each adds its time to `delay`, which is the one that the exit handed over. The core
/// calls the VMM's `start` before the first operation and enters the guest by the controls that are written there.
class host_instructions_if : public virtual sc_core::sc_interface {
 public:
  /// `count` instructions that touch no memory worth modelling.
  virtual void execute(std::uint64_t count, sc_core::sc_time& delay) = 0;
  /// VMWRITE of the controls; they hold from VM entry on.
  virtual void write_controls(const protocol::vm_controls& controls, sc_core::sc_time& delay) = 0;
  /// The controls as last written, whether or not a VM entry has made them hold; the PML index as the last exit left
  /// it.
  virtual const protocol::vm_controls& controls() const = 0;
  /// Write of the VMCB's TLB_CONTROL, for the next VM entry only (APM vol. 2, 15.16.1).
  virtual void write_tlb_control(paging::tlb_control control, sc_core::sc_time& delay) = 0;
  /// VMREAD and VMWRITE of the guest-state area: the registers that the hardware runs the guest with.
  virtual std::uint64_t guest_register(protocol::control_register which) const = 0;
  virtual void write_guest_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) = 0;
  virtual void invept(paging::invept_type type, std::uint64_t eptp, sc_core::sc_time& delay) = 0;
  virtual void invvpid(paging::invvpid_type type, std::uint16_t vpid, paging::gva address, sc_core::sc_time& delay) = 0;
  virtual void invlpga(paging::gva address, std::uint16_t asid, sc_core::sc_time& delay) = 0;
};

}  // namespace nestwalk::cpu
