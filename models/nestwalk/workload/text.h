// Telling text from other bytes, and showing input in a message.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace nestwalk::workload {

/// Whether `bytes` hold nothing but what a terminal shows: characters, ends of lines, tabs, backspaces, escapes.
inline bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\n' || c == '\r' || c == '\t' || c == '\b' || c == '\x1b';
  });
}

/// `text` in quotation marks, bytes that do not print as \xNN, cut with ... where it grows past 48 characters.
inline std::string quote(std::string_view text) {
  constexpr std::size_t most = 48;
  constexpr char digits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    if (quoted.size() > most) return quoted + "...\"";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      quoted += c;
    } else {
      quoted += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return quoted + '"';
}

/// What is said of an archive that cannot be unpacked; `filter` as "gzip", `detail` may be empty.
inline std::string corrupt_archive(const std::string& filter, const std::string& detail) {
  return (filter.empty() ? "" : filter + " ") + "archive is corrupt, cut off or empty" +
         (detail.empty() ? "" : " (" + detail + ")") + "; compress or copy it again";
}

}  // namespace nestwalk::workload
