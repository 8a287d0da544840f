// A result file that is known to be writable before the work begins.
#pragma once

#include <fstream>
#include <string>

namespace nestwalk::platforms {

/// Opens `path` for writing at construction, so that a file that cannot be written is known before the run. What was
/// there before stays until something is written; where nothing was and nothing is, no file stays.
class output_file {
 public:
  /// Throws `input_error` where the file cannot be written.
  explicit output_file(const std::string& path);
  ~output_file();
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  /// Begins anew: what the file held is gone.
  std::ostream& stream();
  /// Ends writing. Throws `input_error` where it failed (a full disk).
  void close();

 private:
  std::string path_;
  bool unused_;  ///< nothing was there, and nothing has been written
  std::ofstream stream_;
};

/// Throws `input_error` where the two options would write one file. An empty path is none.
void check_not_one_file(const std::string& stats, const std::string& walk_log);

}  // namespace nestwalk::platforms
