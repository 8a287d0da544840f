#include "nestwalk/image/file_bytes.h"

#include <cerrno>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "nestwalk/protocol/error.h"

namespace nestwalk::image {

file_bytes::file_bytes(int descriptor, std::string name) : name_(std::move(name)) {
  struct stat about = {};
  void* mapped = MAP_FAILED;
  int problem = 0;
  if (::fstat(descriptor, &about) == 0 && about.st_size > 0) {
    size_ = static_cast<std::uint64_t>(about.st_size);
    mapped = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor, 0);
  }
  problem = errno;
  ::close(descriptor);
  if (size_ == 0) fail("is empty; a memory image is expected");
  if (mapped == MAP_FAILED)
    fail("cannot be mapped into memory: " + std::string(std::strerror(problem)) +
         "; the address space must have room for its " + std::to_string(size_) + " bytes");
  bytes_ = static_cast<unsigned char*>(mapped);
  ::madvise(bytes_, size_, MADV_RANDOM);  // what is not touched is not read ahead either
}

file_bytes::~file_bytes() {
  if (bytes_ != nullptr) ::munmap(bytes_, size_);
}

void file_bytes::restore() {
  ::madvise(bytes_, size_, MADV_DONTNEED);
}

void file_bytes::fail(const std::string& what) const {
  throw input_error(name_ + ": " + what);
}

}  // namespace nestwalk::image
