// What a configuration key may hold, and which values it takes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace nestwalk::platforms {

/// A key's value: a truth, a whole number, a number with a fraction, or a name; nothing where a key is not set and what
/// reads it has a default of its own.
using value = std::variant<std::monostate, bool, std::uint64_t, double, std::string>;

/// The values that a key takes.
struct truths {};
struct whole_numbers {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};
struct numbers {
  double least = 0;
  double most = 0;
};
struct names {
  std::vector<std::string> names;
};
using domain = std::variant<truths, whole_numbers, numbers, names>;

/// The value as a configuration file would write it; bytes in the largest unit that divides them ("1536KiB").
std::string written(const value& v, const std::string& unit);
/// The domain in words: "from 1 to 64", "one of lru, fifo".
std::string described(const domain& d, const std::string& unit);
/// Likewise with its type: "a whole number from 1 to 64", "one of lru, fifo".
std::string described_with_type(const domain& d, const std::string& unit);
/// The value as JSON.
nlohmann::ordered_json as_json(const value& v);

/// Whether `v` is of the domain's type, though it may be out of its range.
bool has_type(const domain& d, const value& v);
/// Whether `v` is of the domain's type and in it; a whole number will do where a fraction is asked.
bool admits(const domain& d, value& v);

/// The value that `text` writes, for a key of that domain; a plain name where the text is nothing else. Whole numbers
/// may be hexadecimal (0x...), and have a factor KiB, MiB, GiB or TiB.
value parsed(const domain& d, const std::string& text);

}  // namespace nestwalk::platforms
