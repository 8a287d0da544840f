// A result file that is known to be writable before the work begins.
#pragma once

#include <fstream>
#include <string>

namespace nestwalk::platforms {

/// Opens `path` for writing at construction, so that a file that cannot be written is known before the run. What was
/// there before stays until something is written.
class output_file {
 public:
  /// Throws `input_error` where the file cannot be written.
  explicit output_file(const std::string& path);

  /// Begins anew: what the file held is gone.
  std::ostream& stream();
  /// Ends writing. Throws `input_error` where it failed (a full disk).
  void close();

 private:
  std::string path_;
  std::ofstream stream_;
};

}  // namespace nestwalk::platforms
