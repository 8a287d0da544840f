// Decompresses gzip, and says when what comes is not what was compressed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nestwalk/workload/descriptor_input.h"

struct z_stream_s;

namespace nestwalk::workload {

/// The content of a gzip file (RFC 1952) of one or more members, in constant memory. Unlike libarchive's filter it
/// holds each member against its CRC and length, and knows what stands behind the last one: nothing, or zeros that fill
/// up a tape's block.
class gzip_reader {
 public:
  static constexpr std::size_t magic_size = 4;  ///< bytes that `begins` looks at

  /// Whether a file that begins with `start` is gzip's.
  static bool begins(std::string_view start);

  /// Reads `from`, which outlives this.
  explicit gzip_reader(descriptor_input& from);

  /// The next decompressed bytes, good until the next call; empty at the end, or where the input is stopped. Throws
  /// `input_error` that says what is wrong, without the file's name, after all that could be made out; each later call
  /// throws the same again.
  std::string_view next();

 private:
  struct closer {
    void operator()(z_stream_s* stream) const;
  };

  bool feed();
  bool begin_member();
  std::size_t inflate_some();

  descriptor_input& from_;
  std::unique_ptr<z_stream_s, closer> stream_;
  std::vector<unsigned char> content_;
  bool in_member_ = true;
  std::string problem_;
};

}  // namespace nestwalk::workload
