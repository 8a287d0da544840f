// What a memory holds before anything is written to it.
#pragma once

#include <cstdint>

namespace nestwalk::memory {

/// Bytes by address, of which some may be missing; the pieces begin and end at multiples of 8 bytes.
class contents {
 public:
  /// A run of addresses that are all there, in one place of the host, or all missing.
  struct run {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    unsigned char* host = nullptr;  ///< the place of `first`; null: the bytes are missing
  };

  contents() = default;
  contents(const contents&) = delete;
  contents& operator=(const contents&) = delete;
  virtual ~contents() = default;

  /// The longest run that holds `address`. Its place is good for as long as this lives, and may be written to.
  virtual run around(std::uint64_t address) const = 0;
  /// Takes back everything that was written.
  virtual void restore() = 0;
};

}  // namespace nestwalk::memory
