// The bytes of an image's file, all of them in place of the host and read as they are touched.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace nestwalk::image {

/// Owns the place. What is written to it stays with this process and never reaches the file.
class file_bytes {
 public:
  /// Takes over `descriptor`, an open regular file that is not empty; `name` stands in messages. Throws `input_error`
  /// where it cannot be read in place.
  file_bytes(int descriptor, std::string name);
  ~file_bytes();
  file_bytes(const file_bytes&) = delete;
  file_bytes& operator=(const file_bytes&) = delete;

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }
  unsigned char* at(std::uint64_t offset) const { return bytes_ + offset; }
  bool holds(std::uint64_t offset, std::uint64_t count) const { return offset <= size_ && count <= size_ - offset; }
  /// A little-endian number at `offset`, which the file holds.
  template <class Number>
  Number number(std::uint64_t offset) const {
    Number value;
    std::memcpy(&value, at(offset), sizeof value);
    return value;
  }
  /// Whether the bytes at `offset` are `text`.
  bool says(std::uint64_t offset, std::string_view text) const {
    return holds(offset, text.size()) && std::memcmp(at(offset), text.data(), text.size()) == 0;
  }

  /// Takes back everything that was written.
  void restore();
  /// Throws an `input_error` that names the file.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::string name_;
  std::uint64_t size_ = 0;
  unsigned char* bytes_ = nullptr;
};

}  // namespace nestwalk::image
