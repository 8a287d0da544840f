#include "platforms/conform/vector_file.h"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/descriptor_input.h"
#include "platforms/conform/parse_vector.h"

namespace nestwalk::platforms {

namespace {

constexpr std::size_t block = std::size_t{1} << 16;
constexpr std::size_t longest_line = std::size_t{1} << 20;

constexpr const char* vectors = "a file of conformance vectors (JSON lines)";

bool can_be_read_once(const std::string& path) {
  struct stat about = {};
  return path == "-" || (stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode));
}

std::shared_ptr<std::FILE> copy_of(const std::string& path) {
  workload::descriptor_input from(workload::open_to_read(path), nullptr);
  const std::shared_ptr<std::FILE> copy(std::tmpfile(), [](std::FILE* file) {
    if (file != nullptr) std::fclose(file);
  });
  const auto fail = [] {
    throw input_error(fmt::format("cannot keep a copy of the vectors in a temporary file: {}; give them as a file",
                                  std::strerror(errno)));
  };
  if (copy == nullptr) fail();
  for (std::string_view bytes = from.next(); !bytes.empty(); bytes = from.next())
    if (std::fwrite(bytes.data(), 1, bytes.size(), copy.get()) != bytes.size()) fail();
  if (std::fflush(copy.get()) != 0) fail();
  return copy;
}

}  // namespace

vector_source::vector_source(std::string path) : path_(std::move(path)) {
  if (can_be_read_once(path_)) copy_ = copy_of(path_);
}

std::unique_ptr<workload::byte_stream> vector_source::open() const {
  if (copy_ == nullptr) return workload::byte_stream::open(path_, nullptr, vectors);
  lseek(fileno(copy_.get()), 0, SEEK_SET);
  const std::string name = path_ == "-" ? "standard input" : path_;
  return std::make_unique<workload::byte_stream>(dup(fileno(copy_.get())), name, nullptr, vectors);
}

bool vector_file::next(std::string& line) {
  do {
    if (!next_line(line)) return false;
  } while (line.find_first_not_of(" \t\r") == std::string::npos);
  return true;
}

template <class Take>
bool vector_file::take_next(const Take& take) {
  std::string line;
  if (!next(line)) return false;
  try {
    take(line);
  } catch (const input_error& e) {
    throw input_error(fmt::format("{}:{}: {}", bytes_->name(), line_, e.what()));
  }
  return true;
}

bool vector_file::next(conformance_vector& v) {
  return take_next([&](const std::string& line) { v = parse_vector(line); });
}

bool vector_file::next(conformance_script& s) {
  return take_next([&](const std::string& line) { s = parse_script(line); });
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
