// What an access through an mmu ended in.
#pragma once

#include <tlm>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/fault.h"

namespace nestwalk::mmu {

/// Which of the mmu's memory sockets; also its number in the ledger of grants.
enum class side : std::uint8_t { fetch, data };

/// Told to the subscribers of `mmu::faults` while the access is still under way.
struct fault_report {
  side socket = side::data;
  paging::gva address;                                ///< of the payload, not of the page that faulted
  paging::fault fault;                                ///< with the linear address that faulted
  const tlm::tlm_generic_payload* payload = nullptr;  ///< good for as long as the call
};

}  // namespace nestwalk::mmu
