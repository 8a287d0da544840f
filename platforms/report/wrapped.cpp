#include "platforms/report/wrapped.h"

#include <sstream>

namespace nestwalk::platforms {

std::string wrapped(const std::string& text, const std::string& first, const std::string& next) {
  std::string all;
  std::string line = first;
  bool begun = false;  // whether the line holds a word
  const auto end_line = [&] {
    all += line + '\n';
    line = next;
    begun = false;
  };
  std::istringstream given(text);
  for (std::string paragraph; std::getline(given, paragraph); end_line()) {
    std::istringstream words(paragraph);
    for (std::string word; words >> word; begun = true) {
      if (begun && line.size() + 1 + word.size() > terminal_columns) end_line();
      line += (begun ? " " : "") + word;
    }
  }
  return all;
}

}  // namespace nestwalk::platforms
