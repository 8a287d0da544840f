// What a configuration key may hold, and which values it takes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nestwalk::configuration {

/// A key's value: a truth, a whole number, a number with a fraction, or a name.
using value = std::variant<bool, std::uint64_t, double, std::string>;

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
/// One or more of the names, joined by "+" in any order: "4k+2m".
struct name_sets {
  std::vector<std::string> names;
};
using domain = std::variant<truths, whole_numbers, numbers, names, name_sets>;

/// The unit of numbers that count nothing, such as a register's bits: they are written so.
inline constexpr const char* hexadecimal = "hexadecimal";

/// What is said behind a value of that unit: the unit, with a blank before it, unless it is only a way to write.
std::string unit_words(const std::string& unit);

/// The value as a configuration file would write it; bytes in the largest unit that divides them ("1536KiB").
std::string written(const value& v, const std::string& unit);
/// The domain in words: "from 1 to 64", "one of lru, fifo".
std::string described(const domain& d, const std::string& unit);
/// Likewise with its type: "a whole number from 1 to 64", "one of lru, fifo".
std::string described_with_type(const domain& d, const std::string& unit);

/// Whether `v` is of the domain's type, though it may be out of its range.
bool has_type(const domain& d, const value& v);
/// Whether `v` is of the domain's type and in it; a whole number will do where a fraction is asked, and names of a set
/// are put in the order of the domain.
bool admits(const domain& d, value& v);

/// The value that `text` writes, for a key of that domain; a plain name where the text is nothing else. Whole numbers
/// may be hexadecimal (0x...), and those in bytes have a factor, always a power of 1024: 1G, 1GB and 1 GiB are the
/// same.
value parsed(const domain& d, const std::string& text, const std::string& unit);

/// The set that `text` writes, a bit for each of `all` in their order; 0 where it writes none.
std::uint64_t set_named(const std::vector<std::string>& all, const std::string& text);
/// The other way round.
std::string set_written(const std::vector<std::string>& all, std::uint64_t set);

}  // namespace nestwalk::configuration
