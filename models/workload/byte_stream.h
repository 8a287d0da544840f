// The bytes of a trace: a file, standard input or a descriptor, decompressed where they are compressed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct archive;

namespace nestwalk::workload {

/// Reads bytes in order, in constant memory. gz, xz and zst are told by content, not by name; anything else is passed
/// on as it is.
class byte_stream {
 public:
  /// Opens the file at `path`, or standard input for "-". Throws `input_error` when it is missing, unreadable, empty or
  /// a corrupt archive. Once `stop` (may be null) is true, a read that a signal interrupted ends the stream.
  static std::unique_ptr<byte_stream> open(const std::string& path, const std::atomic<bool>* stop = nullptr);

  /// Reads the open descriptor `descriptor`, which the stream owns and closes; `name` stands in messages. As `open` in
  /// all else.
  byte_stream(int descriptor, std::string name, const std::atomic<bool>* stop = nullptr);
  byte_stream(const byte_stream&) = delete;
  byte_stream& operator=(const byte_stream&) = delete;
  ~byte_stream();

  /// Writes up to `capacity` bytes to `into` and returns how many, 0 at the end. Throws `input_error` for a damaged or
  /// cut off archive, or a failing read, after the bytes that could be made out have been returned; of a damaged
  /// archive that leaves out the compressed block with the damage.
  std::size_t read(char* into, std::size_t capacity);

  /// Where the bytes come from, for messages.
  const std::string& name() const { return name_; }

  /// Compressed bytes read, as a share of the file's size; negative when that is not known.
  double progress() const;

  /// Whether `stop` ended the stream before its end.
  bool stopped() const { return stopped_; }

 private:
  struct archive_closer {
    void operator()(::archive* a) const;
  };

  static long read_descriptor(::archive* reader, void* self, const void** bytes);
  void open_archive();
  bool next_block();
  [[noreturn]] void fail(const std::string& what) const;
  std::string archive_problem() const;

  std::string name_;
  int descriptor_;
  const std::atomic<bool>* stop_;
  bool stopped_ = false;
  int read_error_ = 0;
  std::uint64_t size_ = 0;  ///< of the file, 0 when not known
  std::uint64_t taken_ = 0;
  std::vector<char> raw_;
  std::unique_ptr<::archive, archive_closer> archive_;
  const char* block_ = nullptr;  ///< decompressed bytes that libarchive holds, not yet handed out
  std::size_t block_size_ = 0;
};

}  // namespace nestwalk::workload
