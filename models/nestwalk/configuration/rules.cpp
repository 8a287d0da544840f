#include "nestwalk/configuration/rules.h"

namespace nestwalk::configuration {

description::rule ways_divide_entries(const unsigned& entries, const unsigned& ways) {
  return [&entries, &ways](const std::string& path) -> std::string {
    if (entries == 0 || ways == 0 || entries % ways == 0) return "";
    unsigned below = ways;
    while (entries % below != 0) --below;
    return path + ".ways: " + std::to_string(ways) + " ways do not divide the " + std::to_string(entries) +
           " entries of " + path + ".entries; " + std::to_string(below) +
           " ways would, and 0 makes it fully associative";
  };
}

}  // namespace nestwalk::configuration
