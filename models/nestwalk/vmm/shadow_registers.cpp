#include "nestwalk/vmm/shadow_registers.h"

#include "nestwalk/paging/register_write.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::vmm {

namespace {

using protocol::control_register;
namespace c0 = paging::cr0;
namespace c4 = paging::cr4;

}  // namespace

void shadow_registers::start() {
  visible_.cr0 = host_.guest_register(control_register::cr0);
  visible_.cr3 = host_.guest_register(control_register::cr3);
  visible_.cr4 = host_.guest_register(control_register::cr4);
  visible_.efer = host_.guest_register(control_register::efer);
  refresh();
  settle_lma();
}

void shadow_registers::refresh() {
  visible_.cr0 = (visible_.cr0 & cr0_owned) | (host_.guest_register(control_register::cr0) & ~cr0_owned);
  visible_.cr4 = (visible_.cr4 & cr4_owned) | (host_.guest_register(control_register::cr4) & ~cr4_owned);
  visible_.pkru = static_cast<std::uint32_t>(host_.guest_register(control_register::pkru));
  visible_.pkrs = static_cast<std::uint32_t>(host_.guest_register(control_register::pkrs));
  visible_.pat = host_.guest_register(control_register::pat);
}

void shadow_registers::settle_lma() {
  visible_.efer = paging::efer_with_lma(visible_.efer, visible_.cr0);
  if (paging_on() && (visible_.efer & paging::efer::lma) == 0)
    throw input_error(
        "shadow paging: the guest turned on 32-bit or PAE paging; a guest under shadow paging needs "
        "EFER.LME set before CR0.PG (4- or 5-level paging)");
}

unsigned shadow_registers::mode() const {
  if (!paging_on()) return 0;
  const auto on = [](std::uint64_t bits, std::uint64_t mask, unsigned flag) { return (bits & mask) != 0 ? flag : 0u; };
  return 1u | on(visible_.cr0, c0::wp, 2) | on(visible_.cr4, c4::la57, 4) | on(visible_.cr4, c4::smep, 8) |
         on(visible_.cr4, c4::smap, 16) | on(visible_.efer, paging::efer::nxe, 32) | on(visible_.cr4, c4::pke, 64) |
         on(visible_.cr4, c4::pks, 128);
}

bool shadow_registers::write(control_register which, std::uint64_t value) {
  switch (which) {
    case control_register::cr0:
      if (paging::refuses_cr0(visible_, value)) return false;
      visible_.cr0 = value;
      settle_lma();
      return true;
    case control_register::cr3:
      if (paging::refuses_cr3(visible_, value, processor_)) return false;
      visible_.cr3 = value & ~paging::cr3::no_flush;
      return true;
    case control_register::cr4:
      if (paging::refuses_cr4(visible_, value, processor_)) return false;
      visible_.cr4 = value;
      return true;
    case control_register::efer:
      if (paging::refuses_efer(visible_, value)) return false;
      visible_.efer = value;
      settle_lma();
      return true;
    case control_register::pkru:
    case control_register::pkrs:
    case control_register::pat: break;
  }
  return false;
}

// Without guest paging every page is a user page of the shadow: SMEP and SMAP, which then do not hold, have to be off.
paging::paging_registers shadow_registers::hardware() const {
  paging::paging_registers r = visible_;
  r.cr0 |= c0::pe | c0::wp | c0::pg;
  r.cr4 = (visible_.cr4 & ~(c4::pge | c4::pcide)) | c4::pae;
  if (!paging_on()) r.cr4 &= ~(c4::smep | c4::smap | c4::la57 | c4::pke | c4::pks);
  r.efer |= paging::efer::lme | paging::efer::lma | paging::efer::nxe;
  return r;
}

paging::guest_stage shadow_registers::hardware_stage() const {
  return paging::decode_guest(hardware(), processor_);
}

void shadow_registers::load(control_register which, std::uint64_t value) {
  if (host_.guest_register(which) != value) host_.write_guest_register(which, value);
}

void shadow_registers::load(paging::hpa root) {
  const paging::paging_registers r = hardware();
  load(control_register::cr4, r.cr4);
  load(control_register::efer, r.efer);
  load(control_register::cr3, root.value);
  load(control_register::cr0, r.cr0);
}

void shadow_registers::describe(protocol::vm_controls& controls) const {
  controls.cr0_mask = cr0_owned;
  controls.cr0_shadow = visible_.cr0 & cr0_owned;
  controls.cr4_mask = cr4_owned;
  controls.cr4_shadow = visible_.cr4 & cr4_owned;
}

}  // namespace nestwalk::vmm
