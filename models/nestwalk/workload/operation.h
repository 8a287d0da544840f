// What a workload yields: one operation of a program, an access or a system call.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"

namespace nestwalk::workload {

/// What an operation does. `modify` is one access that reads and then writes (lackey's M).
enum class operation_kind : std::uint8_t { fetch, load, store, modify, system_call };

/// The system calls that a workload may ask of the guest kernel. All name processes by small numbers of the workload's
/// own: process 1 exists and runs at the start, with nothing mapped. A number is free again once its process has
/// exited.
///
/// Only generators make system calls, and they map all that they touch. A trace makes none: there the kernel takes
/// every canonical user address as mapped, by its configuration.
enum class system_call : std::uint8_t {
  /// Makes [address, address + length) of the current process readable, writable and executable. Pages come on demand,
  /// zeroed, at the first touch. What of it was mapped before keeps its contents.
  map,
  /// Takes [address, address + length) away; private pages are freed. A part that is not mapped is passed over.
  unmap,
  /// Pages of [address, address + length) become read-only (argument 0) or writable again (argument 1); contents stay.
  protect,
  /// Makes the process `argument` as a copy of the current one, its regions too; pages present are shared copy-on-write
  /// from both sides. The current process runs on. `argument` must not exist.
  fork,
  /// Ends the current process, frees its pages and tables, and runs process `argument`, which must exist. Process 1
  /// never exits.
  exit,
  /// Runs process `argument`; one that does not exist is made first, with nothing mapped.
  switch_to,
};

/// One operation. An access touches `size` bytes at `address` in the current process; a system call uses `call`,
/// `address`, `length` and `argument`. `map`, `unmap` and `protect` have `address` and `length` in whole pages of 4K.
struct operation {
  operation_kind kind = operation_kind::load;
  system_call call = system_call::map;
  std::uint16_t size = 0;      ///< bytes of the access, 1 to 64; it may cross a page
  std::uint32_t argument = 0;  ///< see `system_call`
  paging::gva address;         ///< any 64 bits: a trace may hold a non-canonical one, and the guest gets its #GP
  std::uint64_t length = 0;    ///< bytes, system calls only
};

}  // namespace nestwalk::workload
