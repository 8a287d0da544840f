#include "platforms/conform/guest_entry.h"

namespace nestwalk::platforms {

void enter_guest(protocol::control_fw_if& mmu, const protocol::translation_controls& controls,
                 const paging::paging_registers& guest) {
  using protocol::control_register;
  sc_core::sc_time delay;
  mmu.vm_exit(delay);
  mmu.load_controls(controls, delay);
  // One register after the other: what lies between two paging modes must not be taken for a third.
  constexpr std::uint64_t mode_in_cr4 = paging::cr4::pae | paging::cr4::la57;
  if (((mmu.read_register(control_register::efer) ^ guest.efer) & paging::efer::lme) != 0 ||
      ((mmu.read_register(control_register::cr4) ^ guest.cr4) & mode_in_cr4) != 0)
    mmu.load_guest_register(control_register::cr0, guest.cr0 & ~paging::cr0::pg, delay);
  mmu.load_guest_register(control_register::efer, guest.efer, delay);
  mmu.load_guest_register(control_register::cr4, guest.cr4, delay);
  mmu.load_guest_register(control_register::cr0, guest.cr0, delay);
  mmu.load_guest_register(control_register::cr3, guest.cr3, delay);
  mmu.load_guest_register(control_register::pkru, guest.pkru, delay);
  mmu.vm_entry(paging::tlb_control::nothing, delay);
}

}  // namespace nestwalk::platforms
