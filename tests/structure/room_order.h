// Who may include whom: the order of rooms, as a check over the #include lines of the sources.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nestwalk::structure {

/// Every C++ source and header below `folder`, sorted; none where there is no such folder.
std::vector<std::filesystem::path> sources_below(const std::filesystem::path& folder);

/// What breaks the order of rooms in `root`/models and `root`/platforms: one line "FILE:LINE: ..." each.
std::vector<std::string> room_order_violations(const std::filesystem::path& root);

}  // namespace nestwalk::structure
