// What the core calls when the guest's own software has to run: the guest kernel.
#pragma once

#include <systemc>

#include "paging/fault.h"
#include "workload/operation.h"

namespace nestwalk::cpu {

/// Offered by the guest kernel. Each runs to its end on the core's thread, as instructions of the core at CPL 0; the
/// core has charged the exception entry and charges the return. The interrupted instruction then runs again.
class guest_software_if : public virtual sc_core::sc_interface {
 public:
  /// Loads the first process before the first operation (the boot image's registers).
  virtual void boot() = 0;
  /// #PF: `fault.linear` is CR2.
  virtual void page_fault(const paging::fault& fault) = 0;
  /// #GP(0) of an access to a non-canonical address. Returns whether the program goes on behind the access; false ends
  /// it.
  virtual bool general_protection(const paging::fault& fault) = 0;
  /// A system call of the workload.
  virtual void system_call(const workload::operation& call) = 0;
};

}  // namespace nestwalk::cpu
