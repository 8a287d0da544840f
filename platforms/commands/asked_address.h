// The address of a command line.
#pragma once

#include <cstdint>
#include <string>

namespace nestwalk::platforms {

/// The address that `text` writes, hexadecimal (0x...) or decimal. Throws `input_error` for any other text.
std::uint64_t parsed_address(const std::string& text);

}  // namespace nestwalk::platforms
