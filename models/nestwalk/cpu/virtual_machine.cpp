#include "nestwalk/cpu/virtual_machine.h"

#include <stdexcept>
#include <string>

#include "nestwalk/cpu/core_time.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::cpu {

using protocol::control_register;

virtual_machine::virtual_machine(const core_config& config, protocol::control_initiator_socket& control,
                                 protocol::exit_initiator_socket& exit)
    : instruction_time_(fractional_cycles(config.cycles_per_instruction, config.cycle)),
      exit_time_(cycles(config.vm_exit_cycles, config.cycle)),
      entry_time_(cycles(config.vm_entry_cycles, config.cycle)),
      control_(control),
      exit_(exit) {}

void virtual_machine::describe(statistics::group& into) {
  into.add("instructions", "instructions", "Instructions of the VMM, besides its accesses to tables.",
           counts_.instructions);
  into.add("launches", "entries", "VM entries that start the guest, with no exit before them.", counts_.launches);
  into.add("launch_cycles", "cycles", "Cycles in the VMM before the guest's first instruction.", counts_.launch_cycles);
  statistics::group& exits = into.child("exits");
  statistics::group& cycles = into.child("exit_cycles");
  for (unsigned i = 0; i < protocol::exit_reasons; ++i) {
    const std::string name = protocol::name_of(static_cast<protocol::exit_reason>(i));
    exits.add(name, "exits", "VM exits for this reason.", counts_.exits[i]);
    cycles.add(name, "cycles", "Cycles from VM exits for this reason until the guest ran again.", counts_.cycles[i]);
  }
}

void virtual_machine::launch(sc_core::sc_time& delay) {
  if (exit_.size() != 0) exit_->start(delay);
  if (!written_.virtualised) return;
  ++counts_.launches;
  enter(delay);
}

void virtual_machine::enter(sc_core::sc_time& delay) {
  if (rewritten_) {
    control_->load_controls(written_.translation, delay);
    active_ = written_;
    rewritten_ = false;
  }
  control_->vm_entry(tlb_control_, delay);
  tlb_control_ = paging::tlb_control::nothing;
  delay += entry_time_;
}

void virtual_machine::leave(protocol::vm_exit& exit, sc_core::sc_time& delay) {
  if (exit_.size() == 0)
    throw input_error(std::string("core: a VM exit (") + name_of(exit.reason) + ") with no VMM to take it");
  delay += exit_time_;
  control_->vm_exit(delay);
  written_.translation.ept.log_index = control_->page_modification_log_index();
  exit_->handle_exit(exit, delay);
  enter(delay);
  ++counts_.exits[static_cast<unsigned>(exit.reason)];
}

bool virtual_machine::write_exits(control_register which, std::uint64_t value) const {
  if (!active_.virtualised) return false;
  switch (which) {
    case control_register::cr0: return ((value ^ active_.cr0_shadow) & active_.cr0_mask) != 0;
    case control_register::cr4: return ((value ^ active_.cr4_shadow) & active_.cr4_mask) != 0;
    case control_register::cr3: return active_.cr3_load_exiting;
    case control_register::efer: return active_.efer_write_exiting;
    case control_register::pkru:
    case control_register::pkrs:
    case control_register::pat: return false;
  }
  return false;
}

std::uint64_t virtual_machine::merged(control_register which, std::uint64_t value) const {
  if (!active_.virtualised) return value;
  const std::uint64_t owned = which == control_register::cr0   ? active_.cr0_mask
                              : which == control_register::cr4 ? active_.cr4_mask
                                                               : 0;
  if (owned == 0) return value;
  return (control_->read_register(which) & owned) | (value & ~owned);
}

void virtual_machine::execute(std::uint64_t count, sc_core::sc_time& delay) {
  counts_.instructions += count;
  spend(delay, cycles(count, instruction_time_));
}

void virtual_machine::write_controls(const protocol::vm_controls& controls, sc_core::sc_time& delay) {
  execute(1, delay);
  written_ = controls;
  rewritten_ = true;
}

void virtual_machine::write_tlb_control(paging::tlb_control control, sc_core::sc_time& delay) {
  execute(1, delay);
  tlb_control_ = control;
}

std::uint64_t virtual_machine::guest_register(control_register which) const {
  return control_->read_register(which);
}

void virtual_machine::write_guest_register(control_register which, std::uint64_t value, sc_core::sc_time& delay) {
  execute(1, delay);
  control_->load_guest_register(which, value, delay);
}

void virtual_machine::invept(paging::invept_type type, std::uint64_t eptp, sc_core::sc_time& delay) {
  execute(1, delay);
  if (!control_->invept(type, eptp, delay)) throw std::logic_error("vmm: INVEPT of an invalid type or EPTP");
}

void virtual_machine::invvpid(paging::invvpid_type type, std::uint16_t vpid, paging::gva address,
                              sc_core::sc_time& delay) {
  execute(1, delay);
  if (!control_->invvpid(type, vpid, address, delay))
    throw std::logic_error("vmm: INVVPID of an invalid type, VPID or address");
}

void virtual_machine::invlpga(paging::gva address, std::uint16_t asid, sc_core::sc_time& delay) {
  execute(1, delay);
  control_->invlpga(address, asid, delay);
}

}  // namespace nestwalk::cpu
