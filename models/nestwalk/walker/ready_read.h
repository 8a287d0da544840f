// The fast path of a walker's reads: a payload that always reads a qword is kept ready.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "nestwalk/paging/address.h"
#include "nestwalk/protocol/access_way.h"
#include "nestwalk/protocol/memory_level.h"
#include "nestwalk/protocol/owned_payload.h"

namespace nestwalk::walker {

/// What became of the read of a table entry. By value, so that what a walk knows stays in registers.
struct read_answer {
  std::uint64_t value = 0;
  sc_core::sc_time time;  ///< local time after it
  protocol::memory_level served_by = protocol::memory_level::none;
  bool ok = false;  ///< else memory answered an error
};

/// Reads of entries of 8 bytes by a payload of which only the address changes. `table_memory` reads what this does not
/// serve, with the same answer.
class ready_read {
 public:
  ready_read() { payload_.read(0, &entry_, sizeof entry_); }

  /// Whether an entry of `bytes` can be read: the payload is free, unless the target waits in a read and another walk
  /// comes.
  bool serves(unsigned bytes) const { return bytes == bytes_; }

  /// Reads the entry at `at`. Gives what `take` makes of the answer: two ways that end in one answer would build it in
  /// memory.
  template <class Take>
  [[gnu::always_inline]] bool read(const protocol::access_way& target, paging::hpa at, sc_core::sc_time time,
                                   Take&& take) {
    bytes_ = 0;
    target.transport(payload_.read_next(at.value), &payload_.access(), time);
    bytes_ = sizeof entry_;
    return take(read_answer{entry_, time, payload_.access().served_by, payload_.ok()});
  }

 private:
  protocol::owned_payload payload_;
  std::uint64_t entry_ = 0;
  unsigned bytes_ = sizeof entry_;  // of an entry that the payload is free to read, or 0
};

}  // namespace nestwalk::walker
