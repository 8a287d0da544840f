// The bytes of a descriptor as they come, block by block.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nestwalk::workload {

/// A descriptor of the caller's for the file at `path`, or for standard input where that is "-". Throws `input_error`
/// where it cannot be opened. Does not wait for the writer of a named pipe; the reading does.
int open_to_read(const std::string& path);

/// Reads an open descriptor in order, in constant memory.
class descriptor_input {
 public:
  /// Owns `descriptor`. Once `stop` (may be null) is true, the input ends as stopped, within a second also where it
  /// waits for bytes, or for the writer of a named pipe.
  descriptor_input(int descriptor, const std::atomic<bool>* stop);
  ~descriptor_input();
  descriptor_input(const descriptor_input&) = delete;
  descriptor_input& operator=(const descriptor_input&) = delete;

  /// The first bytes, at least `count` where there are so many, without taking them. Before the first `next`.
  std::string_view start(std::size_t count);

  /// The next bytes, good until the next call; empty at the end. Throws `input_error` that says why where they cannot
  /// be read; it names no file.
  std::string_view next();

  /// Whether `stop` ended the input before its end.
  bool stopped() const { return stopped_; }
  /// Ends the input where `stop` asks for it, for a reader that makes much of few bytes; returns whether it has ended
  /// so.
  bool stop_if_asked();
  /// Whether the descriptor is of a regular file.
  bool is_file() const { return !may_wait_; }
  /// Whether anything has been read.
  bool any() const { return taken_ != 0; }
  /// Bytes read, as a share of the file's size; negative when that is not known.
  double progress() const;

 private:
  bool read_more();
  bool wait() const;
  bool asked_to_stop() const;

  int descriptor_;
  const std::atomic<bool>* stop_;
  bool stopped_ = false;
  bool may_wait_ = true;    ///< a pipe, a terminal or another device: its bytes may come late
  std::uint64_t size_ = 0;  ///< of the file, 0 when not known
  std::uint64_t taken_ = 0;
  std::vector<char> block_;
  std::size_t filled_ = 0;  ///< bytes of the block that `next` has not handed out
};

}  // namespace nestwalk::workload
