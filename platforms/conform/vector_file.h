// Reads conformance vectors or scripts from a file, a line each, plain or compressed.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "nestwalk/workload/byte_stream.h"
#include "platforms/conform/script.h"
#include "platforms/conform/vector.h"

namespace nestwalk::platforms {

/// A file of vectors that can be read more than once: of a pipe, such as standard input ("-"), a copy is kept.
class vector_source {
 public:
  vector_source(std::string path);  // not explicit: it is the path, for those who have one
  vector_source(const char* path) : vector_source(std::string(path)) {}

  const std::string& path() const { return path_; }
  /// The bytes from the start. Throws `input_error` where the file cannot be read.
  std::unique_ptr<workload::byte_stream> open() const;

 private:
  std::string path_;
  std::shared_ptr<std::FILE> copy_;
};

class vector_file {
 public:
  /// Throws `input_error` where the file cannot be read.
  explicit vector_file(const vector_source& from) : bytes_(from.open()) {}

  /// The next vector; false at the end. Throws `input_error` naming file and line for one that makes no sense.
  bool next(conformance_vector& v);
  /// The next script, likewise.
  bool next(conformance_script& s);
  /// The next line that is not blank; false at the end.
  bool next(std::string& line);

 private:
  bool next_line(std::string& line);
  template <class Take>
  bool take_next(const Take& take);

  std::unique_ptr<workload::byte_stream> bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t line_ = 0;
};

}  // namespace nestwalk::platforms
