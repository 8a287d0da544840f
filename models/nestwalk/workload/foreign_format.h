// Formats that are handed in as traces and are none that can be read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nestwalk::workload {

/// Bytes of a file's start that `foreign_format` wants to see, where there are so many.
constexpr std::size_t foreign_format_size = 2048;

/// What a file is that begins with `start`, told by its magic number, the shape of its entries or of its lines, with
/// what can be done about it: "an ELF program; ...". Empty where it is nothing known.
std::string foreign_format(std::string_view start);

}  // namespace nestwalk::workload
