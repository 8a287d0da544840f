// Which operands the invalidation instructions refuse or ignore. A linear address is checked against the width that the
// processor has, not the one that CR4.LA57 selects: a host of 4 levels invalidates the addresses of a guest of 5.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/paging/registers.h"

namespace nestwalk::paging {

/// Whether INVLPG does nothing: the address is not canonical (SDM vol. 2, INVLPG; APM vol. 3, INVLPG). Outside 64-bit
/// mode `address` has 32 bits, and every one is.
bool ignores_invlpg(gva address, const capabilities& processor);

/// Whether INVPCID of this descriptor is a #GP(0). All 64 bits of the address count even outside 64-bit mode (SDM
/// vol. 2, INVPCID; APM vol. 3, INVPCID).
bool refuses_invpcid(const paging_registers& now, const capabilities& processor, invpcid_type type, std::uint16_t pcid,
                     gva address);

/// Whether INVVPID is VMfail(Invalid operand to INVEPT/INVVPID): a type that does not exist, VPID 0 where one is named,
/// an address that is not canonical (SDM vol. 3, 30.3, INVVPID).
bool refuses_invvpid(invvpid_type type, std::uint16_t vpid, gva address, const capabilities& processor);

/// Whether INVEPT is VMfail(Invalid operand to INVEPT/INVVPID): a type that does not exist, an EPTP that VM entry would
/// refuse (SDM vol. 3, 30.3, INVEPT).
bool refuses_invept(invept_type type, std::uint64_t eptp, const capabilities& processor);

// INVLPGA refuses no address: one that is not canonical selects nothing (APM vol. 3, INVLPGA).

}  // namespace nestwalk::paging
