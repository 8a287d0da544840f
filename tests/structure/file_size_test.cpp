#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "structure/room_order.h"

namespace {

namespace fs = std::filesystem;
constexpr int most_lines = 400;

int lines_of(const fs::path& file) {
  std::ifstream input(file);
  int count = 0;
  for (std::string line; std::getline(input, line);) ++count;
  return count;
}

TEST(file_size, stays_within_400_lines_in_models_and_platforms) {
  const fs::path root = NESTWALK_SOURCE_DIR;
  int checked = 0;
  for (const char* folder : {"models", "platforms"})
    for (const fs::path& file : nestwalk::structure::sources_below(root / folder)) {
      const int lines = lines_of(file);
      EXPECT_GT(lines, 0) << file << " cannot be read or is empty";
      EXPECT_LE(lines, most_lines) << file;
      ++checked;
    }
  EXPECT_GT(checked, 0) << "no sources in " << root;
}

}  // namespace
