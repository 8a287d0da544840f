// A window that moves over a byte stream, so that a parser sees records whole although reads cut them anywhere.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "nestwalk/workload/byte_stream.h"

namespace nestwalk::workload {

/// The bytes [begin, end) that are read and not yet consumed. At least `slack` readable bytes follow `end`, so that a
/// parser may load words across it.
class byte_window {
 public:
  static constexpr std::size_t capacity = 256 * 1024;  ///< bytes
  static constexpr std::size_t slack = 64;             ///< bytes

  explicit byte_window(std::unique_ptr<byte_stream> stream)
      : stream_(std::move(stream)), bytes_(capacity + slack), begin_(bytes_.data()), end_(bytes_.data()) {}

  const char* begin() const { return begin_; }
  const char* end() const { return end_; }
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }
  const byte_stream& stream() const { return *stream_; }

  /// Everything before `rest` has been read.
  void consume(const char* rest) { begin_ = rest; }

  /// Reads on, behind what is left. False when nothing came: at the end, or when the window is full. Moves what is
  /// left, so earlier positions are void. Throws as `byte_stream::read`.
  bool refill();

  /// Reads until at least `count` bytes are in view, or all there are; returns whether there are so many.
  bool require(std::size_t count);

  /// As `byte_stream::check_rest`; nothing more can be read then.
  void check_rest() { stream_->check_rest(); }

 private:
  std::unique_ptr<byte_stream> stream_;
  std::vector<char> bytes_;
  const char* begin_;
  const char* end_;
};

}  // namespace nestwalk::workload
