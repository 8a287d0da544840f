// The bytes of a trace: a file, standard input or a descriptor, decompressed where they are compressed.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nestwalk/workload/descriptor_input.h"
#include "nestwalk/workload/gzip_reader.h"

struct archive;

namespace nestwalk::workload {

/// Reads bytes in order, in constant memory. gz, bz2, xz and zst are told by content, not by name; anything else is
/// passed on as it is.
class byte_stream {
 public:
  /// What standard input is called, for messages.
  static constexpr const char* standard_input = "standard input";
  /// What is expected of a file, for messages.
  static constexpr const char* a_trace = "a valgrind lackey or ChampSim trace";

  /// Opens the file at `path`, or standard input for "-". Throws `input_error` when it is missing, unreadable, empty or
  /// a corrupt archive. Once `stop` (may be null) is true, the next read ends the stream, and one that waits does so
  /// within a second.
  static std::unique_ptr<byte_stream> open(const std::string& path, const std::atomic<bool>* stop = nullptr,
                                           const char* expected = a_trace);

  /// Reads the open descriptor `descriptor`, which the stream owns and closes; `name` stands in messages. As `open` in
  /// all else.
  byte_stream(int descriptor, std::string name, const std::atomic<bool>* stop = nullptr,
              const char* expected = a_trace);
  byte_stream(const byte_stream&) = delete;
  byte_stream& operator=(const byte_stream&) = delete;
  ~byte_stream();

  /// Writes up to `capacity` bytes to `into` and returns how many, 0 at the end. Throws `input_error` for a damaged or
  /// cut off archive, or a failing read, after the bytes that could be made out have been returned; of a damaged
  /// archive that leaves out the compressed block with the damage. Each later call throws the same again.
  std::size_t read(char* into, std::size_t capacity);

  /// Reads the rest of an archive, for nothing but to throw as `read` where it is damaged: its content may make no
  /// sense long before its checksum is met.
  void check_rest();

  /// Whether the bytes are being unpacked: gz, bz2, xz or zst.
  bool is_archive() const;

  /// Where the bytes come from, for messages.
  const std::string& name() const { return name_; }

  /// Whether the bytes come from a file on disk, all there, and not from a pipe, a terminal or another device.
  bool is_file() const { return input_.is_file(); }

  /// Compressed bytes read, as a share of the file's size; negative when that is not known.
  double progress() const { return input_.progress(); }

  /// Whether `stop` ended the stream before its end.
  bool stopped() const { return input_.stopped(); }

 private:
  struct archive_closer {
    void operator()(::archive* a) const;
  };

  static long read_input(::archive* reader, void* self, const void** bytes);
  void open_archive(const char* expected);
  bool next_block();
  [[noreturn]] void fail(const std::string& what);
  std::string archive_problem() const;

  std::string name_;
  descriptor_input input_;
  std::optional<gzip_reader> gzip_;  ///< between the input and libarchive, where the input is gzip's
  std::string input_problem_;        ///< what the input or gzip threw; it may not pass libarchive
  std::string problem_;              ///< what `read` has thrown
  std::unique_ptr<::archive, archive_closer> archive_;
  const char* block_ = nullptr;  ///< decompressed bytes that libarchive holds, not yet handed out
  std::size_t block_size_ = 0;
};

}  // namespace nestwalk::workload
