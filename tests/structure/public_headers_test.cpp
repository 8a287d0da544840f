#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "structure/room_order.h"

namespace {

namespace fs = std::filesystem;
const fs::path rooms = fs::path(NESTWALK_SOURCE_DIR) / "models/nestwalk";

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

bool is_header(const fs::path& file) {
  return file.extension() == ".h" || file.extension() == ".inl";
}

std::set<std::string> words_of(const std::string& text) {
  std::istringstream input(text);
  std::set<std::string> words;
  for (std::string word; input >> word;) words.insert(word.substr(0, word.find(')')));
  return words;
}

// What is not named there is not installed.
TEST(public_headers, are_all_named_by_their_rooms) {
  int checked = 0;
  for (const fs::path& file : nestwalk::structure::sources_below(rooms)) {
    if (!is_header(file)) continue;
    const std::set<std::string> named = words_of(text_of(file.parent_path() / "CMakeLists.txt"));
    EXPECT_EQ(named.count(file.filename().string()), 1u) << file << " is not in the HEADERS of its room";
    ++checked;
  }
  EXPECT_GT(checked, 100);
}

TEST(public_headers, include_the_json_library_in_one_place) {
  std::set<std::string> found;
  for (const fs::path& file : nestwalk::structure::sources_below(rooms))
    if (is_header(file) && text_of(file).find("#include <nlohmann") != std::string::npos)
      found.insert(fs::relative(file, rooms).generic_string());
  EXPECT_EQ(found, std::set<std::string>{"statistics/write_json.h"});
}

// The rooms' part of the interface is the standard library's, SystemC's and our own.
TEST(public_headers, include_no_other_library) {
  for (const fs::path& file : nestwalk::structure::sources_below(rooms)) {
    if (!is_header(file)) continue;
    std::ifstream input(file);
    for (std::string line; std::getline(input, line);)
      for (const char* library : {"fmt/", "archive", "zlib", "CLI/", "toml++"})
        EXPECT_EQ(line.find(std::string("#include <") + library), std::string::npos) << file << ": " << line;
  }
}

}  // namespace
