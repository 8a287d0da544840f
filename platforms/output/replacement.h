// A file that is written beside the one whose place it will take.
#pragma once

#include <filesystem>
#include <string>

namespace nestwalk::platforms {

/// Under the name that was asked for there is, at any time, what was there before or all of the new: a stop or a full
/// disk leaves the old. Symbolic links are followed; the file keeps its mode and, where that is allowed, its owner.
class replacement {
 public:
  /// Makes an empty file beside `path`. Throws `input_error` where `path` is neither a regular file that may be written
  /// nor a new one in a folder that takes it.
  explicit replacement(const std::string& path);
  /// Removes what has not taken its place.
  ~replacement();
  replacement(const replacement&) = delete;
  replacement& operator=(const replacement&) = delete;

  /// Where to write.
  const std::string& aside() const { return aside_; }
  /// Takes the place. Throws `input_error` where that fails, and leaves what was written aside.
  void commit();

 private:
  void make_aside();
  void keep_mode() const;

  std::string path_;              ///< as it was given, for messages
  std::filesystem::path target_;  ///< behind links
  std::string aside_;             ///< empty: it has taken its place
};

}  // namespace nestwalk::platforms
