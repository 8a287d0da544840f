// A core's virtual-machine side: the controls that its guest runs under, VM exits and VM entries.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "nestwalk/cpu/core_config.h"
#include "nestwalk/cpu/host_instructions.h"
#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/vm_controls.h"
#include "nestwalk/protocol/vm_exit.h"
#include "nestwalk/statistics/group.h"

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
    statistics::counter launches = 0;
    statistics::counter launch_cycles = 0;
  };

  virtual_machine(const core_config& config, protocol::control_initiator_socket& control,
                  protocol::exit_initiator_socket& exit);

  /// The first VM entry, where a VMM has written controls.
  void launch(sc_core::sc_time& delay);
  /// VM exit, the VMM's handler, VM entry. `exit` holds the answer.
  void leave(protocol::vm_exit& exit, sc_core::sc_time& delay);
  /// Says how many of the core's cycles an exit was, and the launch: so that these add up to those of the VMM.
  void exit_took(protocol::exit_reason reason, statistics::counter cycles) {
    counts_.cycles[static_cast<unsigned>(reason)] += cycles;
  }
  void launch_took(statistics::counter cycles) { counts_.launch_cycles += cycles; }

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
  protocol::control_initiator_socket& control_;
  protocol::exit_initiator_socket& exit_;
  protocol::vm_controls written_;
  protocol::vm_controls active_;
  bool rewritten_ = false;  // written_ since the last VM entry
  paging::tlb_control tlb_control_ = paging::tlb_control::nothing;
  counters counts_;
};

}  // namespace nestwalk::cpu
