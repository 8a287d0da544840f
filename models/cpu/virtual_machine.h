// A core's virtual-machine side: the controls that its guest runs under, VM exits and VM entries.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "cpu/core_config.h"
#include "cpu/host_instructions.h"
#include "protocol/control.h"
#include "protocol/vm_controls.h"
#include "protocol/vm_exit.h"
#include "statistics/group.h"

namespace nestwalk::cpu {

/// Holds the VM controls, says what exits, and takes the core through an exit and back. Controls that the VMM writes
/// hold from the next VM entry on (SDM vol. 3, 26.3); guest registers are loaded as the VMM writes them, as the guest
/// does not run meanwhile.
class virtual_machine : public host_instructions_if {
 public:
  /// By `exit_reason`.
  struct counters {
    std::array<statistics::counter, protocol::exit_reasons> exits{};
    std::array<statistics::counter, protocol::exit_reasons> cycles{};
    statistics::counter instructions = 0;
  };

  virtual_machine(const core_config& config, protocol::control_initiator_socket& control,
                  protocol::exit_initiator_socket& exit);

  /// The first VM entry, where a VMM has written controls.
  void launch(sc_core::sc_time& delay);
  /// VM exit, the VMM's handler, VM entry. `exit` holds the answer.
  void leave(protocol::vm_exit& exit, sc_core::sc_time& delay);

  /// Whether an exception exits (SDM vol. 3, 25.2).
  bool exception_exits(std::uint32_t vector) const {
    return active_.virtualised && ((active_.exception_bitmap >> vector) & 1u) != 0;
  }
  /// Whether a guest's write of the register exits (SDM vol. 3, 25.1.3).
  bool write_exits(protocol::control_register which, std::uint64_t value) const;
  /// What a guest's write that does not exit stores: bits that the VMM owns stay as they are.
  std::uint64_t merged(protocol::control_register which, std::uint64_t value) const;
  bool invlpg_exits() const { return active_.virtualised && active_.invlpg_exiting; }
  bool invpcid_exits() const { return active_.virtualised && active_.invpcid_exiting; }

  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

  // The VMM's instructions.
  void execute(std::uint64_t count, sc_core::sc_time& delay) override;
  void write_controls(const protocol::vm_controls& controls, sc_core::sc_time& delay) override;
  const protocol::vm_controls& controls() const override { return written_; }
  void write_tlb_control(paging::tlb_control control, sc_core::sc_time& delay) override;
  std::uint64_t guest_register(protocol::control_register which) const override;
  void write_guest_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) override;
  void invept(paging::invept_type type, std::uint64_t eptp, sc_core::sc_time& delay) override;
  void invvpid(paging::invvpid_type type, std::uint16_t vpid, paging::gva address, sc_core::sc_time& delay) override;
  void invlpga(paging::gva address, std::uint16_t asid, sc_core::sc_time& delay) override;

 private:
  void enter(sc_core::sc_time& delay);

  sc_core::sc_time instruction_time_;
  sc_core::sc_time exit_time_;
  sc_core::sc_time entry_time_;
  std::uint64_t cycle_;  // in units of the time resolution
  protocol::control_initiator_socket& control_;
  protocol::exit_initiator_socket& exit_;
  protocol::vm_controls written_;
  protocol::vm_controls active_;
  bool rewritten_ = false;  // written_ since the last VM entry
  paging::tlb_control tlb_control_ = paging::tlb_control::nothing;
  counters counts_;
};

}  // namespace nestwalk::cpu
