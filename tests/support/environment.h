// What random tests take from the environment, so that a run can be had again or made longer.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace nestwalk::test {

/// The number in the environment variable `name`, decimal or 0x hexadecimal; where it is not set, `otherwise`.
inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

}  // namespace nestwalk::test
