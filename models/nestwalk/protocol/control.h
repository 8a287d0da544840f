// The control protocol: register writes, invalidation instructions and VM controls, from core to mmu.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::protocol {

/// The registers that the mmu owns.
enum class control_register : std::uint8_t { cr0, cr3, cr4, efer, pkru, pkrs, pat };

/// Forward interface, offered by the mmu. Each call adds the time that it takes to `delay`.
class control_fw_if : public virtual sc_core::sc_interface {
 public:
  using protocol_types = control_register;

  /// MOV to CR, WRMSR, WRPKRU, with the flush that the manual gives to the write. `value` of CR3 may carry bit 63 (no
  /// flush). False: the write was refused, a #GP(0) but for `why_refused`, and changed nothing.
  virtual bool write_register(control_register which, std::uint64_t value, sc_core::sc_time& delay) = 0;
  /// Why the last write was refused: a #GP(0) or, where loading the PDPTEs of PAE paging failed, the fault of the
  /// second stage or of memory.
  virtual paging::fault why_refused() const {
    paging::fault general_protection;
    general_protection.kind = paging::fault_kind::general_protection;
    return general_protection;
  }
  virtual std::uint64_t read_register(control_register which) const = 0;
  /// Invalidation instructions (SDM vol. 2, INVLPG, INVPCID; vol. 3, INVEPT, INVVPID; APM vol. 3, INVLPGA). False: the
  /// operands were refused, a #GP(0) of INVPCID, a VMfail of INVEPT and INVVPID, and nothing was done.
  virtual void invlpg(paging::gva address, sc_core::sc_time& delay) = 0;
  virtual bool invpcid(paging::invpcid_type type, std::uint16_t pcid, paging::gva address, sc_core::sc_time& delay) = 0;
  virtual bool invept(paging::invept_type type, std::uint64_t eptp, sc_core::sc_time& delay) = 0;
  virtual bool invvpid(paging::invvpid_type type, std::uint16_t vpid, paging::gva address, sc_core::sc_time& delay) = 0;
  virtual void invlpga(paging::gva address, std::uint16_t asid, sc_core::sc_time& delay) = 0;
  /// The translation controls that hold from the next VM entry on. Throws `input_error` for controls that VM entry
  /// refuses (an invalid EPTP or PML address).
  virtual void load_controls(const translation_controls& controls, sc_core::sc_time& delay) = 0;
  /// VM entry and exit, and the TLB_CONTROL of a VMRUN; with VPID off each flushes what the manual says.
  virtual void vm_entry(paging::tlb_control control, sc_core::sc_time& delay) = 0;
  virtual void vm_exit(sc_core::sc_time& delay) = 0;
  /// The guest PML index, which a VM exit stores in the VMCS (SDM vol. 3, 27.3.1).
  virtual std::uint16_t page_modification_log_index() const { return 0xffff; }
  /// Loads a guest register from the guest-state area for the next VM entry, which then loads the PDPTEs of PAE paging:
  /// no exit, and no flush beyond that of VM entry.
  virtual void load_guest_register(control_register which, std::uint64_t value, sc_core::sc_time& delay) = 0;
};

/// Nothing goes back.
class control_bw_if : public virtual sc_core::sc_interface {
 public:
  using protocol_types = control_register;
};

class control_initiator_socket : public tlm::tlm_base_initiator_socket<32, control_fw_if, control_bw_if> {
 public:
  using tlm_base_initiator_socket::tlm_base_initiator_socket;
  const char* kind() const override { return "control_initiator_socket"; }
};

/// The mmu's; a platform that sets the registers by `configure` leaves it unbound.
class control_target_socket
    : public tlm::tlm_base_target_socket<32, control_fw_if, control_bw_if, 1, sc_core::SC_ZERO_OR_MORE_BOUND> {
 public:
  using tlm_base_target_socket::tlm_base_target_socket;
  const char* kind() const override { return "control_target_socket"; }
};

}  // namespace nestwalk::protocol
