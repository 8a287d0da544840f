#include "platforms/run/output_file.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "protocol/error.h"

namespace nestwalk::platforms {

output_file::output_file(const std::string& path) : path_(path) {
  const std::ofstream probe(path, std::ios::app);
  if (!probe)
    throw input_error(fmt::format("{}: cannot write this file: {}; give a path in a folder that exists and is writable",
                                  path, std::strerror(errno)));
}

std::ostream& output_file::stream() {
  if (!stream_.is_open()) stream_.open(path_, std::ios::trunc);
  return stream_;
}

void output_file::close() {
  stream().flush();
  if (!stream_) throw input_error(fmt::format("{}: writing this file failed: {}", path_, std::strerror(errno)));
  stream_.close();
}

}  // namespace nestwalk::platforms
