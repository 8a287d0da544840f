// A stretch of linear addresses that the tables map alike.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/rights.h"

namespace nestwalk::image {

/// Addresses of which both stages' pages follow one another and have the same sizes and rights; or, where `why` is a
/// fault, addresses that the first stage maps and the second does not, or below an entry that nobody can use.
struct mapped_range {
  paging::gva first;
  std::uint64_t bytes = 0;
  paging::gpa guest_physical;          ///< where `first` goes; where the guest's tables do not say, 0
  paging::hpa host_physical;           ///< and where that goes; 0 under a fault
  std::uint8_t guest_size_log2 = 63;   ///< size of the guest's pages; 63 where the guest's tables do not say
  std::uint8_t nested_size_log2 = 63;  ///< size of the second stage's pages; 63 where none took part
  bool global = false;                 ///< of the guest's leaves, where CR4.PGE is on
  bool one_page = false;               ///< every page of the range is the same page of memory
  paging::rights granted;              ///< both stages' rights; under a fault of the second stage the guest's
  paging::fault why;                   ///< kind none where the addresses are mapped

  bool mapped() const { return why.kind == paging::fault_kind::none; }
  /// Bytes, as a power of two, of the smaller of both stages' pages: what one TLB entry covers.
  unsigned page_log2() const { return guest_size_log2 < nested_size_log2 ? guest_size_log2 : nested_size_log2; }
  /// What a fault leaves of the guest's mapping is known: only the second stage is missing.
  bool known_to_guest() const { return guest_size_log2 != 63; }
  std::uint64_t end() const { return first.value + bytes; }

  /// Makes `next`, which begins where this ends, a part of this. False, and nothing, where they differ.
  bool take(const mapped_range& next);
};

}  // namespace nestwalk::image
