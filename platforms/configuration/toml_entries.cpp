#include "platforms/configuration/toml_entries.h"

#include <algorithm>
#include <regex>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {
namespace {

using nestwalk::configuration::value;

std::string place_of(const std::string& file, const toml::source_region& region) {
  return fmt::format("{}:{}", file, region.begin.line);
}

// The scalar that TOML holds; nothing for what no key takes (arrays, dates).
std::optional<value> scalar(const toml::node& node) {
  if (const auto* v = node.as_boolean()) return v->get();
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_string()) return v->get();
  const auto* const v = node.as_integer();
  if (v == nullptr) return std::nullopt;
  if (v->get() < 0) return static_cast<double>(v->get());  // out of any range of whole numbers
  return static_cast<std::uint64_t>(v->get());
}

// A key of very many parts makes tables as deep, which the TOML library takes apart by recursion: it is refused unread.
// The library itself bounds how deep values may stand in values, each of which may have such a key.
void check_depth(const std::string& content, const std::string& path) {
  constexpr std::ptrdiff_t most_dots = 32;
  std::istringstream lines(content);
  std::size_t number = 1;
  for (std::string line; std::getline(lines, line); ++number) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line[first] == '#' || std::count(line.begin(), line.end(), '.') <= most_dots)
      continue;
    throw input_error(
        fmt::format("{}:{}: there are more than {} dots in this line; a key such as mmu.l2_tlb.entries "
                    "has a few",
                    path, number, most_dots));
  }
}

// What is said beside the library's words where a line gives a size with a unit, which to TOML is a string.
std::string hint_for_line(const std::string& content, std::size_t number) {
  std::istringstream lines(content);
  std::string line;
  while (number-- != 0) std::getline(lines, line);
  static const std::regex bare_size("^[^#\"']*=\\s*[0-9]\\w*\\s*[KMGTkmgt]([iI]?[bB])?\\s*(#.*)?$");
  constexpr std::size_t longest = 200;  // std::regex recurses
  if (line.size() > longest || !std::regex_match(line, bare_size)) return "";
  return "; a size with a unit stands in quotation marks, as \"4KiB\"";
}

toml::table parse(const std::string& content, const std::string& path) {
  check_depth(content, path);
  try {
    return toml::parse(content, path);
  } catch (const toml::parse_error& problem) {
    throw input_error(fmt::format("{}: this is not TOML: {}{}", place_of(path, problem.source()), problem.description(),
                                  hint_for_line(content, problem.source().begin.line)));
  }
}

}  // namespace

std::vector<toml_entry> toml_entries(const std::string& content, const std::string& name) {
  const toml::table root = parse(content, name);
  std::vector<toml_entry> entries;

  // Depth first, by an explicit stack of tables and their paths.
  std::vector<std::pair<std::string, const toml::table*>> open = {{"", &root}};
  while (!open.empty()) {
    const auto [prefix, table] = open.back();
    open.pop_back();
    for (const auto& [key, below] : *table) {
      toml_entry& made = entries.emplace_back();
      made.path = prefix.empty() ? std::string(key.str()) : fmt::format("{}.{}", prefix, key.str());
      made.where = place_of(name, below.source());
      const toml::table* const inner = below.as_table();
      made.is_table = inner != nullptr;
      if (made.is_table)
        open.emplace_back(made.path, inner);
      else
        made.value = scalar(below);
    }
  }
  return entries;
}

}  // namespace nestwalk::platforms
