// A file without a name, for readers that want one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz_target.h"

namespace nestwalk::test {

class memory_file {
 public:
  memory_file(const std::uint8_t* data, std::size_t size) : descriptor_(::memfd_create("input", 0)) {
    if (descriptor_ < 0 || ::write(descriptor_, data, size) != static_cast<ssize_t>(size) ||
        ::lseek(descriptor_, 0, SEEK_SET) != 0)
      finding("no memory file on this machine");
  }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  ~memory_file() { ::close(descriptor_); }

  /// A descriptor of its own for whoever closes it.
  int duplicate() const { return ::dup(descriptor_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace nestwalk::test
