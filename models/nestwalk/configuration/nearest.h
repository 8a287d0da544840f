// The name that was probably meant, for messages about one that does not exist.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nestwalk::configuration {

/// How many characters must be inserted, removed, replaced or swapped with their neighbour to make `b` of `a` (the
/// restricted Damerau-Levenshtein distance).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

/// The one of `known` (any range of strings) that is nearest to `given`, the first of several equally near; empty where
/// none is near: where more than a third of its characters, and more than two, would have to change.
template <class Names>
std::string nearest_name(std::string_view given, const Names& known) {
  std::string nearest;
  std::size_t least = std::max<std::size_t>(2, given.size() / 3) + 1;
  for (const std::string& name : known) {
    if (std::max(name.size(), given.size()) - std::min(name.size(), given.size()) >= least) continue;
    const std::size_t distance = edit_distance(given, name);
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

}  // namespace nestwalk::configuration
