// What every fuzz target offers, to libFuzzer or to the replay of its kept corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

/// Ends the process where what must not happen has happened; every other end of an input is fine.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace nestwalk::test {

/// A finding: says what is wrong and ends the process.
[[noreturn]] inline void finding(const std::string& what) {
  std::cerr << "finding: " << what << std::endl;
  std::abort();
}

/// Takes an input apart; zero bytes follow its end.
class input_bytes {
 public:
  input_bytes(const std::uint8_t* data, std::size_t size) : at_(data), left_(size) {}

  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *at_++;
  }
  /// Little-endian, as a person edits it in a hex editor least badly.
  std::uint64_t qword() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 8) value |= std::uint64_t{byte()} << shift;
    return value;
  }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

}  // namespace nestwalk::test
