// The core's instructions for the guest kernel: memory accesses at CPL 0, registers and invalidations, any of which the
// VM controls may make exit.
#include <string>

#include "nestwalk/cpu/core.h"
#include "nestwalk/cpu/core_time.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::cpu {

using paging::access_type;
using protocol::control_register;
using protocol::exit_reason;

void core::execute(std::uint64_t count) {
  counts_.kernel_instructions += count;
  spend(time_.delay(), cycles(count, instruction_time_));
}

void core::load(paging::gva address, void* bytes, unsigned size) {
  ++counts_.kernel_loads;
  kernel_access({access_type::read, address, static_cast<unsigned char*>(bytes), nullptr, size});
}

void core::store(paging::gva address, const void* bytes, unsigned size) {
  ++counts_.kernel_stores;
  kernel_access({access_type::write, address, nullptr, static_cast<const unsigned char*>(bytes), size});
}

void core::kernel_access(const attempt& a) {
  execute(1);
  if (!send(a)) recover(a);
  time_.synchronise_if_due();
}

/// Takes the exit of an instruction; whether the VMM has emulated it. Injected faults are the kernel's end: it issues
/// no instruction that it knows to fault.
bool core::emulated(protocol::vm_exit& exit, unsigned& exits) {
  if (++exits > config_.most_faults)
    throw input_error(std::string("core: the guest kernel's ") + name_of(exit.reason) +
                      " exits for ever: the VMM neither emulates it nor lets it through");
  run_vmm(exit);
  if (exit.action == protocol::exit_action::inject)
    throw input_error(std::string("guest kernel: the VMM answered its ") + name_of(exit.reason) + " with a fault");
  return exit.action == protocol::exit_action::skip;
}

void core::write_register(control_register which, std::uint64_t value) {
  execute(1);
  unsigned exits = 0;
  while (vm_.write_exits(which, value)) {
    protocol::vm_exit exit;
    exit.reason = which == control_register::efer ? exit_reason::efer_write : exit_reason::control_register_write;
    exit.which = which;
    exit.value = value;
    if (emulated(exit, exits)) return;
  }
  if (!control->write_register(which, vm_.merged(which, value), time_.delay()))
    throw input_error("guest kernel: its write of a control register (number " +
                      std::to_string(static_cast<unsigned>(which)) +
                      ") is a #GP(0): the processor lacks what the "
                      "guest's configuration asks for");
}

void core::invlpg(paging::gva address) {
  execute(1);
  unsigned exits = 0;
  while (vm_.invlpg_exits()) {
    protocol::vm_exit exit;
    exit.reason = exit_reason::invlpg;
    exit.linear = address;
    if (emulated(exit, exits)) return;
  }
  control->invlpg(address, time_.delay());
}

void core::invpcid(paging::invpcid_type type, std::uint16_t pcid, paging::gva address) {
  execute(1);
  unsigned exits = 0;
  while (vm_.invpcid_exits()) {
    protocol::vm_exit exit;
    exit.reason = exit_reason::invpcid;
    exit.invpcid = type;
    exit.pcid = pcid;
    exit.linear = address;
    if (emulated(exit, exits)) return;
  }
  if (!control->invpcid(type, pcid, address, time_.delay()))
    throw input_error("guest kernel: its INVPCID of PCID " + std::to_string(pcid) + " is a #GP(0)");
}

void core::write_alignment_check(bool set) {
  execute(1);
  alignment_check_ = set;
  set_mode(mode());
}

}  // namespace nestwalk::cpu
