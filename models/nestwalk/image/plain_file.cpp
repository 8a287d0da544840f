#include "nestwalk/image/plain_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/byte_stream.h"

namespace nestwalk::image {
namespace {

constexpr const char* a_memory_image = "a memory image (an ELF core, LiME, or raw memory)";

/// A temporary file without a name, written in order, with holes for pages of zeroes.
class sparse_copy {
 public:
  explicit sparse_copy(const std::string& of) : of_(of) {
    std::error_code none;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(none);
    name_ = ((none ? std::filesystem::path("/tmp") : folder) / "nestwalk-image-XXXXXX").string();
    descriptor_ = ::mkstemp(name_.data());
    if (descriptor_ < 0) fail();
    ::unlink(name_.c_str());
  }
  ~sparse_copy() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  sparse_copy(const sparse_copy&) = delete;
  sparse_copy& operator=(const sparse_copy&) = delete;

  /// Adds a page, or at the end what there is of one.
  void add(const char* page, std::size_t count) {
    const bool zeroes = std::all_of(page, page + count, [](char c) { return c == 0; });
    for (std::size_t done = 0; !zeroes && done < count;) {
      const ssize_t wrote = ::pwrite(descriptor_, page + done, count - done, static_cast<off_t>(size_ + done));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) fail();
      done += static_cast<std::size_t>(wrote);
    }
    size_ += count;
  }
  std::uint64_t size() const { return size_; }
  /// Ends the file and hands it over.
  int take() {
    if (::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) fail();
    const int taken = descriptor_;
    descriptor_ = -1;
    return taken;
  }

 private:
  [[noreturn]] void fail() const {
    throw input_error(of_ + ": cannot be unpacked: " + std::string(std::strerror(errno)) + " (after " +
                      std::to_string(size_) + " bytes, in " + name_ +
                      "); set TMPDIR to a folder with room for all of it");
  }

  std::string of_;
  std::string name_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

bool is_regular(int descriptor) {
  struct stat about = {};
  return ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
}

int copy_of(workload::byte_stream& bytes, const unpacking_progress& progress) {
  constexpr std::size_t page_bytes = 4096;
  constexpr std::uint64_t told_after = std::uint64_t{1} << 22;
  sparse_copy copy(bytes.name());
  std::vector<char> page(page_bytes);
  std::size_t filled = 0;
  while (const std::size_t got = bytes.read(page.data() + filled, page.size() - filled)) {
    filled += got;
    if (filled < page.size()) continue;
    copy.add(page.data(), filled);
    filled = 0;
    if (progress && copy.size() % told_after == 0) progress(copy.size(), bytes.progress());
  }
  copy.add(page.data(), filled);
  if (bytes.stopped()) throw input_error(bytes.name() + ": interrupted while it was unpacked");
  return copy.take();
}

}  // namespace

int open_plain(const std::string& path, const unpacking_progress& progress, const std::atomic<bool>* stop) {
  const int descriptor = workload::open_to_read(path);
  const bool regular = is_regular(descriptor);
  workload::byte_stream bytes(descriptor, path == "-" ? "standard input" : path, stop, a_memory_image);
  if (regular && !bytes.is_archive()) return workload::open_to_read(path);
  return copy_of(bytes, progress);
}

}  // namespace nestwalk::image
