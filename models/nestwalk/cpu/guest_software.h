// What the core calls when the guest's own software has to run: the guest kernel.
#pragma once

#include <cstdint>

#include <systemc>

#include "nestwalk/paging/fault.h"
#include "nestwalk/workload/operation.h"

namespace nestwalk::cpu {

/// What becomes of the instruction that faulted, once its handler has run.
enum class fault_answer : std::uint8_t {
  retry,  ///< run it again
  skip,   ///< go on behind it: the program does without
};

/// Offered by the guest kernel. Each runs to its end on the core's thread, as instructions of the core at CPL 0; the
/// core has charged the exception entry and charges the return. A fault that neither answer fits, by the kernel's
/// configuration, is thrown as `input_error` and ends the run.
class guest_software_if : public virtual sc_core::sc_interface {
 public:
  /// Loads the first process before the first operation (the boot image's registers).
  virtual void boot() = 0;
  /// #PF: `fault.linear` is CR2.
  virtual fault_answer page_fault(const paging::fault& fault) = 0;
  /// #GP(0) of an access to a non-canonical `address`.
  virtual fault_answer general_protection(const paging::fault& fault, paging::gva address) = 0;
  /// A machine check: memory answered an error to the access at `address`, or to a read of a table's entry for it, and
  /// then `fault` is a memory error. Whether the program does without the access; else the run ends.
  virtual bool machine_check(const paging::fault& /*fault*/, paging::gva /*address*/) { return false; }
  /// A system call of the workload.
  virtual void system_call(const workload::operation& call) = 0;
  /// The process that runs, as the workload names it; without effect.
  virtual std::uint32_t current_process() const = 0;
};

}  // namespace nestwalk::cpu
