#include "platforms/run/output_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "protocol/error.h"

namespace nestwalk::platforms {

namespace fs = std::filesystem;

namespace {

bool is_free(const std::string& path) {
  std::error_code unknown;
  return fs::status(path, unknown).type() == fs::file_type::not_found;
}

}  // namespace

output_file::output_file(const std::string& path) : path_(path), unused_(is_free(path)) {
  const std::ofstream probe(path, std::ios::app);
  if (!probe)
    throw input_error(fmt::format("{}: cannot write this file: {}; give a path in a folder that exists and is writable",
                                  path, std::strerror(errno)));
}

output_file::~output_file() {
  std::error_code ignored;
  if (unused_) fs::remove(path_, ignored);
}

std::ostream& output_file::stream() {
  unused_ = false;
  if (!stream_.is_open()) stream_.open(path_, std::ios::trunc);
  return stream_;
}

void output_file::close() {
  stream().flush();
  if (!stream_) throw input_error(fmt::format("{}: writing this file failed: {}", path_, std::strerror(errno)));
  stream_.close();
}

void check_not_one_file(const std::string& stats, const std::string& walk_log) {
  std::error_code problem;
  const fs::path first = fs::weakly_canonical(stats, problem);
  if (stats.empty() || problem || first != fs::weakly_canonical(walk_log, problem)) return;
  if (!is_free(stats) && !fs::is_regular_file(stats, problem)) return;  // /dev/null takes both
  throw input_error(fmt::format("{}: --stats and --walk-log would both write this file; give each its own", stats));
}

}  // namespace nestwalk::platforms
