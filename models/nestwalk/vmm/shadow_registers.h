// The guest's control registers under shadow paging: what the guest sees, and what the hardware runs with.
#pragma once

#include <cstdint>

#include "nestwalk/paging/register_flush.h"
#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/protocol/vm_controls.h"
#include "nestwalk/vmm/host.h"

namespace nestwalk::vmm {

/// The VMM owns the bits that the shadow hangs on: the guest reads them from CR0's and CR4's read shadows, and a write
/// that would change one exits. Every other bit, PKRU, PKRS and the PAT are the guest's own in the hardware's
/// registers. The hardware always runs in long mode with CR0.WP and EFER.NXE on, CR4.PGE and PCIDE off.
class shadow_registers {
 public:
  static constexpr std::uint64_t cr0_owned = paging::cr0::pe | paging::cr0::wp | paging::cr0::pg;
  static constexpr std::uint64_t cr4_owned = paging::cr4::pae | paging::cr4::pge | paging::cr4::la57 |
                                             paging::cr4::pcide | paging::cr4::smep | paging::cr4::smap |
                                             paging::cr4::pke | paging::cr4::pks;

  shadow_registers(host& host, const paging::capabilities& processor) : host_(host), processor_(processor) {}

  /// Takes over what the guest starts with.
  void start();
  /// VMREADs the bits that the guest may have changed without an exit.
  void refresh();

  const paging::paging_registers& visible() const { return visible_; }
  /// The guest's stage as the guest's registers select it.
  paging::guest_stage guest_stage() const { return paging::decode_guest(visible_, processor_); }
  /// The stage that the hardware judges by.
  paging::guest_stage hardware_stage() const;
  bool paging_on() const { return (visible_.cr0 & paging::cr0::pg) != 0; }
  bool global_pages() const { return (visible_.cr4 & paging::cr4::pge) != 0; }
  /// The PCID that the guest runs under: 0 while CR4.PCIDE is off.
  std::uint16_t pcid() const { return paging::pcid_of(visible_); }
  /// The register bits that give guest entries, or the shadow made from them, another meaning; one number for each
  /// setting. What `shadow_fault_handler::writes` and `shadow_entry` go by belongs here: an entry made for CR0.WP = 0
  /// must not answer once keys or SMAP would judge the guest's own otherwise.
  unsigned mode() const;
  /// Levels of the shadow: as many as the guest's tables have.
  unsigned levels() const { return (visible_.cr4 & paging::cr4::la57) != 0 && paging_on() ? 5 : 4; }

  /// What the guest's MOV to CR or WRMSR does to the registers it sees. False: it is a #GP(0). Throws `input_error` for
  /// 32-bit and PAE paging, which have no shadow.
  bool write(protocol::control_register which, std::uint64_t value);
  /// Loads the hardware's CR0, CR3, CR4 and EFER for tables at `root`; only those that differ.
  void load(paging::hpa root);
  /// The read shadows that go with them.
  void describe(protocol::vm_controls& controls) const;

 private:
  paging::paging_registers hardware() const;
  void load(protocol::control_register which, std::uint64_t value);
  void settle_lma();

  host& host_;
  paging::capabilities processor_;
  paging::paging_registers visible_;
};

}  // namespace nestwalk::vmm
