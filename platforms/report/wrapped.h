// Text in lines that a terminal shows.
#pragma once

#include <string>

namespace nestwalk::platforms {

/// Columns of a terminal that nobody has widened; everything that is printed for reading fits.
inline constexpr std::size_t terminal_columns = 80;

/// `text` in lines of at most `terminal_columns`, each ended by a newline, broken at blanks; a longer word stays whole.
/// The first line begins with `first`, the others with `next`. Ends of lines in `text` stay.
std::string wrapped(const std::string& text, const std::string& first, const std::string& next);

}  // namespace nestwalk::platforms
