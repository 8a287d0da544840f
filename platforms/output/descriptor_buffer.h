// What a stream writes to an open descriptor through.
#pragma once

#include <streambuf>
#include <vector>

namespace nestwalk::platforms {

/// Writes to a descriptor, which stays the caller's, in blocks, and keeps why the first write failed: a stream that is
/// asked late no longer knows. Nothing more is written after that.
class descriptor_buffer final : public std::streambuf {
 public:
  explicit descriptor_buffer(int descriptor);

  /// The errno of the write that failed; 0: none has.
  int failure() const { return failure_; }

 protected:
  int_type overflow(int_type next) override;
  int sync() override;

 private:
  static constexpr std::size_t capacity = 1 << 16;

  int descriptor_;
  int failure_ = 0;
  std::vector<char> bytes_;
};

}  // namespace nestwalk::platforms
