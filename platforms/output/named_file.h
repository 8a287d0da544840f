// The files that a command's options name, and which of them are one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nestwalk::platforms {

/// A file and the option that names it: {"--stats", "out.json"}; {"--trace", "-"} is standard input.
struct named_file {
  std::string option;
  std::string path;
};

/// Where `path` leads over symbolic links, the last of which may lead to nothing yet. It stays as it is where that is
/// not to be known: the folder is missing.
std::filesystem::path link_target(const std::filesystem::path& path);

/// The descriptor of this process that `path` names, over symbolic links too, as /dev/stdout and /dev/fd/3 do.
std::optional<int> named_descriptor(const std::filesystem::path& path);

/// Whether `path` is written to as it is: a device, a pipe, a socket or a descriptor of this process.
bool is_special(const std::string& path);

/// Whether two paths are one file: by name, symbolic link or hard link.
bool is_one_file(const std::string& one, const std::string& other);

/// Throws `input_error` where an output is a regular file, there or to be made, that is an input, another output or
/// what standard output or standard error goes to. Devices are shared freely, pipes by outputs. Opens nothing.
void check_apart(const std::vector<named_file>& outputs, const std::vector<named_file>& inputs);

}  // namespace nestwalk::platforms
