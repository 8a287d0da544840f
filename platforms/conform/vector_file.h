// Reads conformance vectors from a file, a line each, plain or compressed.
#pragma once

#include <memory>
#include <string>

#include "platforms/conform/vector.h"
#include "workload/byte_stream.h"

namespace nestwalk::platforms {

class vector_file {
 public:
  /// Throws `input_error` where the file cannot be read.
  explicit vector_file(const std::string& path);

  /// The next vector; false at the end. Throws `input_error` naming file and line for one that makes no sense.
  bool next(conformance_vector& v);

 private:
  bool next_line(std::string& line);

  std::unique_ptr<workload::byte_stream> bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t line_ = 0;
};

}  // namespace nestwalk::platforms
