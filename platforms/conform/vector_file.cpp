#include "platforms/conform/vector_file.h"

#include <fmt/format.h>

#include "protocol/error.h"

namespace nestwalk::platforms {

namespace {

constexpr std::size_t block = std::size_t{1} << 16;
constexpr std::size_t longest_line = std::size_t{1} << 20;

}  // namespace

vector_file::vector_file(const std::string& path) : bytes_(workload::byte_stream::open(path)) {}

bool vector_file::next(conformance_vector& v) {
  std::string line;
  do {
    if (!next_line(line)) return false;
  } while (line.find_first_not_of(" \t\r") == std::string::npos);
  try {
    v = parse_vector(line);
  } catch (const input_error& e) {
    throw input_error(fmt::format("{}:{}: {}", bytes_->name(), line_, e.what()));
  }
  return true;
}

bool vector_file::next_line(std::string& line) {
  for (std::size_t searched = begin_;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      line.assign(buffer_, begin_, end - begin_);
      begin_ = end + 1;
      ++line_;
      return true;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    if (searched > longest_line)
      throw input_error(
          fmt::format("{}:{}: a line of more than {} bytes is no vector", bytes_->name(), line_ + 1, longest_line));
    buffer_.resize(searched + block);
    const std::size_t got = bytes_->read(&buffer_[searched], block);
    buffer_.resize(searched + got);
    if (got != 0) continue;
    line.swap(buffer_);
    buffer_.clear();
    ++line_;
    return !line.empty();
  }
}

}  // namespace nestwalk::platforms
