// Brings an mmu into the state of a guest, as a VM entry does.
#pragma once

#include "nestwalk/paging/registers.h"
#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::platforms {

/// Loads controls and registers, and enters. Throws `input_error` where VM entry would refuse them.
void enter_guest(protocol::control_fw_if& mmu, const protocol::translation_controls& controls,
                 const paging::paging_registers& guest);

}  // namespace nestwalk::platforms
