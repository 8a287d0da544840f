#include "workload/descriptor_input.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "protocol/error.h"

namespace nestwalk::workload {

namespace {

constexpr std::size_t block_size = 64 * 1024;

}  // namespace

int open_to_read(const std::string& path) {
  if (path == "-") {
    const int input = ::dup(STDIN_FILENO);
    if (input < 0) throw input_error(std::string("standard input: cannot be read: ") + std::strerror(errno));
    return input;
  }
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    throw input_error(path + ": cannot be opened: " + std::strerror(errno) +
                      "; a file that can be read, or -, is expected");
  return file;
}

descriptor_input::descriptor_input(int descriptor, const std::atomic<bool>* stop)
    : descriptor_(descriptor), stop_(stop), block_(block_size) {
  struct stat about = {};
  if (::fstat(descriptor_, &about) == 0 && S_ISREG(about.st_mode)) size_ = static_cast<std::uint64_t>(about.st_size);
}

descriptor_input::~descriptor_input() {
  ::close(descriptor_);
}

std::string_view descriptor_input::start(std::size_t count) {
  while (filled_ < count && read_more()) continue;
  return {block_.data(), filled_};
}

std::string_view descriptor_input::next() {
  if (filled_ == 0) read_more();
  return {block_.data(), std::exchange(filled_, 0)};
}

/// Reads behind what is there; false at the end.
bool descriptor_input::read_more() {
  for (;;) {
    const ssize_t got = asked_to_stop() ? 0 : ::read(descriptor_, block_.data() + filled_, block_.size() - filled_);
    if (got > 0) {
      filled_ += static_cast<std::size_t>(got);
      taken_ += static_cast<std::uint64_t>(got);
      return true;
    }
    if (got == 0) {
      // Asked again: Ctrl-C ends the writer of a pipe too, and its end may be what ended the read.
      stopped_ = stopped_ || asked_to_stop();
      return false;
    }
    if (errno != EINTR) throw input_error(std::string("cannot be read: ") + std::strerror(errno));
  }
}

bool descriptor_input::asked_to_stop() const {
  return stop_ != nullptr && stop_->load(std::memory_order_relaxed);
}

double descriptor_input::progress() const {
  if (size_ == 0) return -1;
  return std::min(1.0, static_cast<double>(taken_) / static_cast<double>(size_));
}

}  // namespace nestwalk::workload
