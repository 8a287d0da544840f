#include "nestwalk/workload/descriptor_input.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "nestwalk/protocol/error.h"

namespace nestwalk::workload {

namespace {

constexpr std::size_t block_size = 64 * 1024;
constexpr int poll_milliseconds = 200;  // how often a wait looks whether it shall end

}  // namespace

int open_to_read(const std::string& path) {
  if (path == "-") {
    const int input = ::dup(STDIN_FILENO);
    if (input < 0) throw input_error(std::string("standard input: cannot be read: ") + std::strerror(errno));
    return input;
  }
  // Of a named pipe, open() would wait for the writer, and miss a signal that comes just before.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    throw input_error(path + ": cannot be opened: " + std::strerror(errno) +
                      "; a file that can be read, or -, is expected");
  ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) & ~O_NONBLOCK);
  return file;
}

descriptor_input::descriptor_input(int descriptor, const std::atomic<bool>* stop)
    : descriptor_(descriptor), stop_(stop), block_(block_size) {
  struct stat about = {};
  if (::fstat(descriptor_, &about) != 0 || !S_ISREG(about.st_mode)) return;
  may_wait_ = false;
  size_ = static_cast<std::uint64_t>(about.st_size);
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
    const bool go_on = !asked_to_stop() && wait();
    const ssize_t got = go_on ? ::read(descriptor_, block_.data() + filled_, block_.size() - filled_) : 0;
    if (got > 0) {
      filled_ += static_cast<std::size_t>(got);
      taken_ += static_cast<std::uint64_t>(got);
      return true;
    }
    if (got == 0) {
      // Asked again: Ctrl-C ends the writer of a pipe too, and its end may be what ended the read.
      stop_if_asked();
      return false;
    }
    if (errno != EINTR) throw input_error(std::string("cannot be read: ") + std::strerror(errno));
  }
}

/// Waits until something can be read, be it the end; false where it shall stop before.
bool descriptor_input::wait() const {
  pollfd about = {descriptor_, POLLIN, 0};
  while (may_wait_ && ::poll(&about, 1, stop_ != nullptr ? poll_milliseconds : -1) <= 0)
    if (asked_to_stop()) return false;
  return true;
}

bool descriptor_input::stop_if_asked() {
  stopped_ = stopped_ || asked_to_stop();
  return stopped_;
}

bool descriptor_input::asked_to_stop() const {
  return stop_ != nullptr && stop_->load(std::memory_order_relaxed);
}

double descriptor_input::progress() const {
  if (size_ == 0) return -1;
  return std::min(1.0, static_cast<double>(taken_) / static_cast<double>(size_));
}

}  // namespace nestwalk::workload
