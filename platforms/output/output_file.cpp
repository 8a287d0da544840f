#include "platforms/output/output_file.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/output/named_file.h"

namespace nestwalk::platforms {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const std::string& path, int why) {
  throw input_error(fmt::format("{}: cannot be written: {}", path, std::strerror(why)));
}

// Opens a device or a pipe. A FIFO is waited for until it has a reader; once `stop` is true, nothing is written.
int open_special(const std::string& path, const std::atomic<bool>* stop) {
  constexpr auto between_looks = std::chrono::milliseconds(50);
  for (;;) {
    const int opened = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (opened >= 0) fcntl(opened, F_SETFL, fcntl(opened, F_GETFL) & ~O_NONBLOCK);
    if (opened >= 0 || errno != ENXIO || !fs::is_fifo(path)) return opened;
    if (stop != nullptr && *stop) return open("/dev/null", O_WRONLY | O_CLOEXEC);
    std::this_thread::sleep_for(between_looks);
  }
}

void check_descriptor(const std::string& path, int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) refuse(path, EBADF);
}

}  // namespace

output_file::output_file(const std::string& path, const std::atomic<bool>* stop) : path_(path) {
  check_writable(path_);
  if (const std::optional<int> own = named_descriptor(path_))
    descriptor_ = dup(*own);
  else if (is_special(path_))
    descriptor_ = open_special(path_, stop);
  else
    return;
  if (descriptor_ < 0) refuse(path_, errno);
}

output_file::~output_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::ostream& output_file::stream() {
  if (buffer_) return stream_;
  if (descriptor_ < 0) {
    file_.emplace(path_);
    descriptor_ = open(file_->aside().c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(errno);
  }
  buffer_.emplace(descriptor_);
  stream_.rdbuf(&*buffer_);
  return stream_;
}

void output_file::close() {
  stream().flush();
  if (failed()) fail(buffer_->failure());
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno);
  if (file_) file_->commit();
}

void output_file::fail(int why) const {
  throw input_error(fmt::format("{}: writing this file failed: {}", path_, std::strerror(why)));
}

void check_writable(const std::string& path) {
  if (const std::optional<int> own = named_descriptor(path)) return check_descriptor(path, *own);
  if (!is_special(path)) {
    const replacement would_be(path);
  } else if (access(path.c_str(), W_OK) != 0) {
    refuse(path, errno);
  }
}

}  // namespace nestwalk::platforms
