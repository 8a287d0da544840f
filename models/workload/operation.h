// What a workload yields: one operation of a program, an access or a system call.
#pragma once

#include <cstdint>

#include "paging/address.h"

namespace nestwalk::workload {

/// What an operation does. `modify` is one access with write intent that reads and writes (lackey's M).
enum class operation_kind : std::uint8_t { fetch, load, store, modify, system_call };

/// The system calls that a workload may ask of the guest kernel.
enum class system_call : std::uint8_t {
  map,        ///< make [address, address + length) accessible; pages come on demand
  unmap,      ///< take [address, address + length) away
  protect,    ///< argument 0: read-only, 1: read and write
  fork,       ///< copy the current process, copy-on-write; argument names the child process
  exit,       ///< end the current process; argument names the process that runs next
  switch_to,  ///< run process `argument` (created empty when new)
};

/// One operation. An access touches `size` bytes at `address` in the current process; a system call uses `call`,
/// `address`, `length` and `argument`.
struct operation {
  operation_kind kind = operation_kind::load;
  system_call call = system_call::map;
  std::uint16_t size = 0;      ///< bytes of the access, 1 to 64
  std::uint32_t argument = 0;  ///< see `system_call`
  paging::gva address;
  std::uint64_t length = 0;  ///< bytes, system calls only
};

}  // namespace nestwalk::workload
