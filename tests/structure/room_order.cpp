#include "structure/room_order.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

namespace nestwalk::structure {
namespace {

namespace fs = std::filesystem;
using names = std::set<std::string>;

bool is_systemc(const std::string& header) {
  static const std::regex pattern(R"((systemc|tlm|sysc/|tlm_core/|tlm_utils/).*)");
  return std::regex_match(header, pattern);
}

// The words between backticks in `cell`.
names quoted_words(const std::string& cell) {
  static const std::regex word("`([a-z_]+)`");
  names found;
  for (std::sregex_iterator match(cell.begin(), cell.end(), word), end; match != end; ++match)
    found.insert((*match)[1]);
  return found;
}

names all_below(const room_order& order, const std::string& room) {
  names below;
  for (const auto& [name, row] : order)
    if (row.serves_all) below.insert(name);
  for (const std::string& next : order.at(room).right_below) {
    below.insert(next);
    below.merge(all_below(order, next));
  }
  return below;
}

// The room that `header` lies in: what follows "nestwalk/", or a folder at the top such as platforms.
std::string room_of(const std::string& header) {
  const std::string prefix = "nestwalk/";
  const std::string rest = header.rfind(prefix, 0) == 0 ? header.substr(prefix.size()) : header;
  const std::size_t slash = rest.find('/');
  const std::string room = slash == std::string::npos ? "" : rest.substr(0, slash);
  return rest.size() == header.size() && room != "platforms" ? "" : room;
}

// What is wrong with `header` included by a file of `room`, if anything.
std::optional<std::string> objection(const room_order& order, const std::string& room, const std::string& header,
                                     bool quoted) {
  if (is_systemc(header)) {
    if (order.at(room).knows_systemc) return std::nullopt;
    return room + " knows no SystemC, but includes " + header;
  }
  const std::string other = room_of(header);
  if (order.count(other) == 0) {
    if (!quoted || room == "platforms") return std::nullopt;
    return header + " is not given by its path from models/";
  }
  if (other == room || all_below(order, room).count(other) != 0) return std::nullopt;
  return room + " may not include " + other + ": " + header;
}

void check_file(const room_order& order, const std::string& room, const fs::path& file, const std::string& shown,
                std::vector<std::string>& found) {
  static const std::regex include(R"re(\s*#\s*include\s*([<"])([^>"]+)[>"].*)re");
  std::ifstream input(file);
  std::string line;
  for (int number = 1; std::getline(input, line); ++number) {
    std::smatch match;
    if (!std::regex_match(line, match, include)) continue;
    if (const auto wrong = objection(order, room, match[2], match[1] == "\""))
      found.push_back(shown + ":" + std::to_string(number) + ": " + *wrong);
  }
}

void check_room(const room_order& order, const std::string& room, const fs::path& root, const fs::path& folder,
                std::vector<std::string>& found) {
  const bool known = order.count(room) != 0;
  for (const fs::path& file : sources_below(folder)) {
    const std::string shown = fs::relative(file, root).generic_string();
    if (known)
      check_file(order, room, file, shown, found);
    else
      found.push_back(shown + ":1: " + room + " is no room in the order of rooms");
  }
}

}  // namespace

std::vector<fs::path> sources_below(const fs::path& folder) {
  static const names endings = {".h", ".hpp", ".cpp", ".cc", ".inl"};
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && endings.count(entry.path().extension().string()) != 0) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

room_order read_room_order(const fs::path& document) {
  room_order order;
  std::ifstream input(document);
  for (std::string line; std::getline(input, line);) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
    if (cells.size() < 5) continue;
    const names room = quoted_words(cells[1]);
    if (room.size() != 1) continue;
    room_row& entry = order[*room.begin()];
    entry.right_below = quoted_words(cells[3]);
    entry.serves_all = cells[3].find("every room") != std::string::npos;
    entry.knows_systemc = cells[4].find("yes") != std::string::npos;
  }
  return order;
}

std::vector<std::string> room_order_violations(const fs::path& root, const room_order& order) {
  std::vector<std::string> found;
  const fs::path models = root / "models" / "nestwalk";
  if (fs::exists(models))
    for (const fs::directory_entry& entry : fs::directory_iterator(models))
      if (entry.is_directory()) check_room(order, entry.path().filename().string(), root, entry.path(), found);
  check_room(order, "platforms", root, root / "platforms", found);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace nestwalk::structure
