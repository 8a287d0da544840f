// The registers and the second stage of an mmu, set at once.
#pragma once

#include <cstdint>
#include <optional>

#include "nestwalk/paging/registers.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::mmu {

/// CR0, CR3, CR4, EFER, PAT, PKRU and PKRS as a processor has them after software has written them, and what a VMM set
/// for it. For platforms whose core does not drive the control socket.
struct processor_state : paging::paging_registers {
  std::optional<std::uint64_t> eptp;  ///< a second stage by EPT with this EPTP; none without
  std::uint16_t vpid = 0;             ///< 0: no VPID, mappings go with each VM entry and exit
};

/// The controls of a VMCS that say the same.
inline protocol::translation_controls controls_of(const processor_state& s) {
  protocol::translation_controls c;
  c.nested_paging = s.eptp.has_value();
  c.ept.eptp = s.eptp.value_or(0);
  c.vpid_on = s.vpid != 0;
  c.vpid = s.vpid;
  return c;
}

}  // namespace nestwalk::mmu
