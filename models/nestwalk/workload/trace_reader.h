// What the trace readers share: batches, the order of operations and errors, the end of the bytes.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/byte_window.h"
#include "nestwalk/workload/source.h"

namespace nestwalk::workload {

/// A source that parses records out of a byte window.
class trace_reader : public source {
 public:
  std::size_t next(operation* out, std::size_t capacity) final;
  /// Share of the (compressed) bytes read.
  double progress() const final { return window_.stream().progress(); }

 protected:
  explicit trace_reader(byte_window window) : window_(std::move(window)) {}

  /// Parses whole records, moves `out` behind what it wrote, and returns when `out` is `end` or no whole record is left
  /// in the window. Throws `input_error` with `out` behind the last operation before the bad record.
  virtual void parse(operation*& out, operation* end) = 0;
  /// The bytes have ended; what is in the window is a part of a record, or nothing. Throws `input_error` for what
  /// should not end so.
  virtual void finish() = 0;

  byte_window& window() { return window_; }
  const byte_window& window() const { return window_; }
  /// Throws `input_error` with the trace's name and `what`.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::string cause_of(const input_error& error);

  byte_window window_;
  std::optional<std::string> problem_;  ///< what the next call throws
  bool ended_ = false;
};

}  // namespace nestwalk::workload
