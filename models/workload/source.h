// Where operations come from: a trace reader or a generator.
#pragma once

#include <cstddef>

#include "workload/operation.h"

namespace nestwalk::workload {

/// A stream of operations, read in batches so that the cost of the virtual call is spread.
class source {
 public:
  virtual ~source() = default;

  /// Writes up to `capacity` operations to `out` and returns how many; 0 at the end. Throws `input_error` for a record
  /// that makes no sense, after every operation before it has been returned.
  virtual std::size_t next(operation* out, std::size_t capacity) = 0;
};

}  // namespace nestwalk::workload
