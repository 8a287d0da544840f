// Who wants to see what the program did to its memory: the checker of data.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/workload/operation.h"

namespace nestwalk::cpu {

/// A load or store of the program that is done; it may cross a page.
struct retired_access {
  std::uint32_t process = 0;            ///< as the workload names it
  paging::gva address;                  ///< of its first byte
  unsigned size = 0;                    ///< bytes, at most 64
  const unsigned char* data = nullptr;  ///< what was loaded or stored; good during the call
};

/// Sees the program's accesses and system calls in their order, once each is done. What the guest kernel does by itself
/// is not shown, nor is an access that its fault made the program do without.
class retirement_observer {
 public:
  virtual ~retirement_observer() = default;

  virtual void loaded(const retired_access& access) = 0;
  /// Stores, and what accesses that modify write; what these read is a load, unless the VMM emulated them.
  virtual void stored(const retired_access& access) = 0;
  /// A system call that `caller` made.
  virtual void called(std::uint32_t caller, const workload::operation& call) = 0;
};

}  // namespace nestwalk::cpu
