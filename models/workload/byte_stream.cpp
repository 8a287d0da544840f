#include "workload/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <archive.h>
#include <archive_entry.h>

#include "protocol/error.h"

namespace nestwalk::workload {

namespace {

constexpr std::size_t raw_block = 64 * 1024;

std::string reason(int error) {
  return std::strerror(error);
}

}  // namespace

void byte_stream::archive_closer::operator()(::archive* a) const {
  archive_read_free(a);
}

std::unique_ptr<byte_stream> byte_stream::open(const std::string& path, const std::atomic<bool>* stop) {
  if (path == "-") {
    const int input = ::dup(STDIN_FILENO);
    if (input < 0) throw input_error("standard input: cannot be read: " + reason(errno));
    return std::make_unique<byte_stream>(input, "standard input", stop);
  }
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw input_error(path + ": cannot be opened: " + reason(errno) + "; a file that can be read, or -, is expected");
  return std::make_unique<byte_stream>(file, path, stop);
}

byte_stream::byte_stream(int descriptor, std::string name, const std::atomic<bool>* stop)
    : name_(std::move(name)), descriptor_(descriptor), stop_(stop), raw_(raw_block), archive_(archive_read_new()) {
  struct stat about = {};
  if (::fstat(descriptor_, &about) == 0 && S_ISREG(about.st_mode)) size_ = static_cast<std::uint64_t>(about.st_size);
  try {
    open_archive();
  } catch (...) {
    archive_.reset();
    ::close(descriptor_);
    throw;
  }
}

byte_stream::~byte_stream() {
  archive_.reset();
  ::close(descriptor_);
}

void byte_stream::open_archive() {
  archive* const reader = archive_.get();
  archive_read_support_filter_gzip(reader);
  archive_read_support_filter_xz(reader);
  archive_read_support_filter_zstd(reader);
  archive_read_support_format_raw(reader);
  archive_entry* entry = nullptr;
  const bool opened = archive_read_open(reader, this, nullptr, &byte_stream::read_descriptor, nullptr) == ARCHIVE_OK &&
                      archive_read_next_header(reader, &entry) == ARCHIVE_OK;
  if (opened) return;
  if (read_error_ != 0) fail("cannot be read: " + reason(read_error_));
  if (taken_ == 0 && !stopped_) fail("is empty; a valgrind lackey or ChampSim trace is expected");
  if (!stopped_) fail(archive_problem());
}

/// libarchive's source of compressed bytes; `long` is its la_ssize_t.
long byte_stream::read_descriptor(::archive* reader, void* self, const void** bytes) {
  byte_stream& stream = *static_cast<byte_stream*>(self);
  *bytes = stream.raw_.data();
  for (;;) {
    if (stream.stop_ != nullptr && stream.stop_->load(std::memory_order_relaxed)) {
      stream.stopped_ = true;
      return 0;
    }
    const ssize_t got = ::read(stream.descriptor_, stream.raw_.data(), stream.raw_.size());
    if (got >= 0) {
      stream.taken_ += static_cast<std::uint64_t>(got);
      return got;
    }
    if (errno == EINTR) continue;
    stream.read_error_ = errno;
    archive_set_error(reader, errno, "%s", reason(errno).c_str());
    return ARCHIVE_FATAL;
  }
}

bool byte_stream::next_block() {
  const void* bytes = nullptr;
  la_int64_t offset = 0;
  do {
    const int result = archive_read_data_block(archive_.get(), &bytes, &block_size_, &offset);
    if (stopped_ || result == ARCHIVE_EOF) return false;
    if (result != ARCHIVE_OK) {
      block_size_ = 0;
      fail(read_error_ != 0 ? "cannot be read: " + reason(read_error_) : archive_problem());
    }
  } while (block_size_ == 0);
  block_ = static_cast<const char*>(bytes);
  return true;
}

std::size_t byte_stream::read(char* into, std::size_t capacity) {
  if (block_size_ == 0 && (stopped_ || !next_block())) return 0;
  const std::size_t count = std::min(capacity, block_size_);
  std::memcpy(into, block_, count);
  block_ += count;
  block_size_ -= count;
  return count;
}

double byte_stream::progress() const {
  if (size_ == 0) return -1;
  return std::min(1.0, static_cast<double>(taken_) / static_cast<double>(size_));
}

std::string byte_stream::archive_problem() const {
  archive* const reader = archive_.get();
  // libarchive forgets the filter when its very first bytes are bad; the content was an archive's all the same.
  const char* const filter = archive_filter_name(reader, 0);
  const char* const detail = archive_error_string(reader);
  std::string message = (filter != nullptr ? filter + std::string(" ") : "") + "archive is corrupt, cut off or empty";
  if (detail != nullptr && std::strstr(detail, "Unrecognized") == nullptr) message += std::string(" (") + detail + ")";
  return message + "; compress or copy the trace again";
}

void byte_stream::fail(const std::string& what) const {
  throw input_error(name_ + ": " + what);
}

}  // namespace nestwalk::workload
