// Which part of the memory system answered a request.
#pragma once

#include <cstdint>

namespace nestwalk::protocol {

/// The level of the memory hierarchy that served a read or write; `none` where nothing below said so.
enum class memory_level : std::uint8_t { none, l1, l2, llc, dram };

inline constexpr unsigned memory_levels = 5;

/// The name of a level as statistics and tables print it.
constexpr const char* name_of(memory_level level) {
  constexpr const char* names[memory_levels] = {"none", "l1", "l2", "llc", "dram"};
  return names[static_cast<unsigned>(level)];
}

}  // namespace nestwalk::protocol
