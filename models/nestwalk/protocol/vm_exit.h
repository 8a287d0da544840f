// The exit protocol: from core to vmm, when a guest does what the VM controls say exits.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/protocol/control.h"

namespace nestwalk::protocol {

/// Why the guest left (SDM vol. 3, appendix C; APM vol. 2, appendix C).
enum class exit_reason : std::uint8_t {
  exception,               ///< an exception that the bitmap names: `fault` is it
  control_register_write,  ///< MOV to CR0, CR3 or CR4: `which`, `value`
  efer_write,              ///< WRMSR of IA32_EFER: `value`
  invlpg,                  ///< `linear`
  invpcid,                 ///< `invpcid`, `pcid`, `linear`
  ept_violation,           ///< `fault`
  ept_misconfiguration,    ///< `fault`
  nested_page_fault,       ///< `fault`
  page_modification_log_full,
};
inline constexpr unsigned exit_reasons = 9;

/// A reason's name as statistics and tables print it.
const char* name_of(exit_reason reason);

/// What the VMM wants done on VM entry.
enum class exit_action : std::uint8_t {
  retry,   ///< run the instruction again
  skip,    ///< the instruction has been emulated: go on behind it
  inject,  ///< deliver `injected` to the guest (VM-entry interruption information)
};

/// One exit: what happened, as the VMCS or VMCB reports it, and the VMM's answer.
struct vm_exit {
  exit_reason reason = exit_reason::exception;
  paging::fault fault;  ///< error code or qualification, addresses
  control_register which = control_register::cr0;
  std::uint64_t value = 0;
  paging::gva linear;
  paging::invpcid_type invpcid = paging::invpcid_type::individual_address;
  std::uint16_t pcid = 0;

  // The instruction that faulted, which a VMM would decode from its bytes (the handler's instructions pay for it).
  paging::access access;                  ///< type and mode
  paging::gva address;                    ///< of its memory operand
  unsigned size = 0;                      ///< bytes of that operand, 0 for a fetch
  const unsigned char* stored = nullptr;  ///< a store's bytes; nullptr where nothing is stored

  // Answered.
  exit_action action = exit_action::retry;
  paging::fault injected;
};

/// Forward interface, offered by the vmm. Runs the whole handler; its time is added to `delay`.
class exit_fw_if : public virtual sc_core::sc_interface {
 public:
  using protocol_types = vm_exit;

  /// Called once by the core before the guest's first instruction: the VMM writes the controls that it starts under.
  virtual void start(sc_core::sc_time& delay) = 0;
  virtual void handle_exit(vm_exit& exit, sc_core::sc_time& delay) = 0;
};

/// Nothing goes back.
class exit_bw_if : public virtual sc_core::sc_interface {
 public:
  using protocol_types = vm_exit;
};

/// The core's; a machine without a VMM leaves it unbound.
class exit_initiator_socket
    : public tlm::tlm_base_initiator_socket<32, exit_fw_if, exit_bw_if, 1, sc_core::SC_ZERO_OR_MORE_BOUND> {
 public:
  using tlm_base_initiator_socket::tlm_base_initiator_socket;
  const char* kind() const override { return "exit_initiator_socket"; }
};

class exit_target_socket : public tlm::tlm_base_target_socket<32, exit_fw_if, exit_bw_if> {
 public:
  using tlm_base_target_socket::tlm_base_target_socket;
  const char* kind() const override { return "exit_target_socket"; }
};

}  // namespace nestwalk::protocol
