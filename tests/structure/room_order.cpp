#include "structure/room_order.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>

namespace nestwalk::structure {
namespace {

namespace fs = std::filesystem;
using names = std::set<std::string>;

// The rooms right below each room; what is below those is below it too. Every room may also include statistics.
const std::map<std::string, names> right_below = {
    {"statistics", {}},
    {"paging", {}},
    {"protocol", {"paging"}},
    {"tlb", {"protocol"}},
    {"walker", {"protocol"}},
    {"memory", {"protocol"}},
    {"mmu", {"tlb", "walker", "memory"}},
    {"iommu", {"tlb", "walker", "memory"}},
    {"workload", {"protocol"}},
    {"cpu", {"mmu", "workload"}},
    {"guest", {"cpu"}},
    {"vmm", {"cpu"}},
    {"platforms", {"guest", "vmm", "iommu"}},
};

const names rooms_without_systemc = {"paging", "statistics"};

bool is_systemc(const std::string& header) {
  static const std::regex pattern(R"((systemc|tlm|sysc/|tlm_core/|tlm_utils/).*)");
  return std::regex_match(header, pattern);
}

names all_below(const std::string& room) {
  names below = {"statistics"};
  for (const std::string& next : right_below.at(room)) {
    below.insert(next);
    below.merge(all_below(next));
  }
  return below;
}

// What is wrong with `header` included by a file of `room`, if anything.
std::optional<std::string> objection(const std::string& room, const std::string& header, bool quoted) {
  if (is_systemc(header)) {
    if (rooms_without_systemc.count(room) == 0) return std::nullopt;
    return room + " knows no SystemC, but includes " + header;
  }
  const std::size_t slash = header.find('/');
  const std::string other = header.substr(0, slash);
  if (slash == std::string::npos || right_below.count(other) == 0) {
    if (!quoted || room == "platforms") return std::nullopt;
    return header + " is not given by its path from models/";
  }
  if (other == room || all_below(room).count(other) != 0) return std::nullopt;
  return room + " may not include " + other + ": " + header;
}

void check_file(const std::string& room, const fs::path& file, const std::string& shown,
                std::vector<std::string>& found) {
  static const std::regex include(R"re(\s*#\s*include\s*([<"])([^>"]+)[>"].*)re");
  std::ifstream input(file);
  std::string line;
  for (int number = 1; std::getline(input, line); ++number) {
    std::smatch match;
    if (!std::regex_match(line, match, include)) continue;
    if (const auto wrong = objection(room, match[2], match[1] == "\""))
      found.push_back(shown + ":" + std::to_string(number) + ": " + *wrong);
  }
}

void check_room(const std::string& room, const fs::path& root, const fs::path& folder,
                std::vector<std::string>& found) {
  const bool known = right_below.count(room) != 0;
  for (const fs::path& file : sources_below(folder)) {
    const std::string shown = fs::relative(file, root).generic_string();
    if (known)
      check_file(room, file, shown, found);
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

std::vector<std::string> room_order_violations(const fs::path& root) {
  std::vector<std::string> found;
  if (fs::exists(root / "models"))
    for (const fs::directory_entry& entry : fs::directory_iterator(root / "models"))
      if (entry.is_directory()) check_room(entry.path().filename().string(), root, entry.path(), found);
  check_room("platforms", root, root / "platforms", found);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace nestwalk::structure
