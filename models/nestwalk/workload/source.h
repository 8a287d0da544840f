// Where operations come from: a trace reader or a generator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "nestwalk/workload/operation.h"

namespace nestwalk::workload {

/// A stream of operations, read in batches so that the cost of the virtual call is spread.
class source {
 public:
  source() = default;
  source(const source&) = delete;
  source& operator=(const source&) = delete;
  virtual ~source() = default;

  /// Writes up to `capacity` operations to `out` and returns how many; 0 at the end. A batch may be short before the
  /// end. Throws `input_error` for a record that makes no sense, after every operation before it has been returned;
  /// each later call throws the same again.
  virtual std::size_t next(operation* out, std::size_t capacity) = 0;

  /// What the operations are read from or made by: "lackey", "champsim", or a generator's name.
  virtual const char* format() const = 0;

  /// Where operation `index` of `batch`, the last one that `next` wrote, comes from, for a message: "FILE: line 3".
  /// Empty where no file is read.
  virtual std::string place_of(const operation* /*batch*/, std::size_t /*index*/) const { return {}; }

  /// How much has been read, from 0 to 1; negative where the length is not known, as with a pipe.
  virtual double progress() const { return -1; }

  /// Lines that were passed over because they are no record: other text, empty lines, lackey's own superblocks ('SB
  /// ADDRESS'). Valgrind's own lines do not count.
  virtual std::uint64_t passed_over() const { return 0; }
  /// The first of them, for a message: 'line 3: "hello"'. Empty where there is none.
  virtual std::string first_passed_over() const { return {}; }
};

}  // namespace nestwalk::workload
