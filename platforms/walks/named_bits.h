// Bits and what the manuals call them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace nestwalk::platforms {

struct named_bit {
  std::uint64_t bit;
  const char* name;
};

/// The names of the bits that are set, in the order of `names`.
template <std::size_t Count>
std::vector<std::string> set_bits(std::uint64_t value, const std::array<named_bit, Count>& names) {
  std::vector<std::string> set;
  for (const named_bit& each : names)
    if ((value & each.bit) != 0) set.emplace_back(each.name);
  return set;
}

}  // namespace nestwalk::platforms
