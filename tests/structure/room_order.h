// Who may include whom: the order of rooms, as a check over the #include lines of the sources.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace nestwalk::structure {

/// Every C++ source and header below `folder`, sorted; none where there is no such folder.
std::vector<std::filesystem::path> sources_below(const std::filesystem::path& folder);

/// One row of the order of rooms.
struct room_row {
  std::set<std::string> right_below;  ///< the rooms that it may include, with whatever those may include
  bool serves_all = false;            ///< every room may include it
  bool knows_systemc = true;          ///< it may include headers of SystemC
};

/// The order of rooms, by name.
using room_order = std::map<std::string, room_row>;

/// The order as the table of `document` (docs/rooms.md) states it.
room_order read_room_order(const std::filesystem::path& document);

/// What breaks `order` in `root`/models/nestwalk and `root`/platforms: one line "FILE:LINE: ..." each.
std::vector<std::string> room_order_violations(const std::filesystem::path& root, const room_order& order);

}  // namespace nestwalk::structure
