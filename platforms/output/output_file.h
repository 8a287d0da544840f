// A result file that is known to be writable before the work begins.
#pragma once

#include <atomic>
#include <optional>
#include <ostream>
#include <string>

#include "platforms/output/descriptor_buffer.h"
#include "platforms/output/replacement.h"

namespace nestwalk::platforms {

/// Regular files are written aside (see `replacement`); devices, pipes and this process's own descriptors, as
/// /dev/stdout, are written to as they are.
class output_file {
 public:
  /// Opens a device or a pipe; of a file only sees whether it can be written, and leaves it as it is. A FIFO is waited
  /// for until it has a reader; where `stop` (may be null) becomes true before, what is written is lost. Throws
  /// `input_error` where `path` cannot be written.
  explicit output_file(const std::string& path, const std::atomic<bool>* stop = nullptr);
  ~output_file();
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  /// Begins anew, at the first call.
  std::ostream& stream();
  /// Whether a write has failed (a full disk, a reader that went away); what follows is lost.
  bool failed() const { return buffer_ && buffer_->failure() != 0; }
  /// Ends writing: a regular file takes its place. Throws `input_error` where any of it failed.
  void close();

 private:
  [[noreturn]] void fail(int why) const;

  std::string path_;
  int descriptor_ = -1;
  std::optional<replacement> file_;
  std::optional<descriptor_buffer> buffer_;
  std::ostream stream_{nullptr};
};

/// Throws `input_error` where `path` cannot be written. Leaves it as it is, and opens neither device nor pipe.
void check_writable(const std::string& path);

}  // namespace nestwalk::platforms
