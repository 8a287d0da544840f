#include "nestwalk/configuration/value.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace nestwalk::configuration {
namespace {

constexpr std::array<std::pair<const char*, unsigned>, 4> factors = {
    {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}}};

std::string bytes_written(std::uint64_t bytes) {
  for (const auto& [name, log2] : factors)
    if (bytes != 0 && (bytes & ((std::uint64_t{1} << log2) - 1)) == 0) return std::to_string(bytes >> log2) + name;
  return std::to_string(bytes);
}

std::string hexadecimal_written(std::uint64_t number) {
  std::array<char, 16> text;
  return "0x" + std::string(text.data(), std::to_chars(text.data(), text.data() + text.size(), number, 16).ptr);
}

std::string whole_written(std::uint64_t number, const std::string& unit) {
  if (unit == hexadecimal) return hexadecimal_written(number);
  return unit == "bytes" ? bytes_written(number) : std::to_string(number);
}

// The fewest digits that read back as the same number; with an exponent only where there would be many zeros.
std::string fraction_written(double number) {
  std::array<char, 64> text;
  const double size = std::abs(number);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number, form).ptr};
}

// Takes what stands for a factor off the end of `text` and returns its binary logarithm: as GiB, " GiB", GB, G or g.
unsigned take_factor(std::string_view& text) {
  const std::size_t last = text.find_last_not_of("iIbB");
  if (last == std::string_view::npos) return 0;
  const std::string_view behind = text.substr(last + 1);
  const bool known = behind.empty() || behind == "B" || behind == "b" || behind == "iB" || behind == "ib";
  for (const auto& [name, log2] : factors) {
    if (!known || std::toupper(static_cast<unsigned char>(text[last])) != name[0]) continue;
    text.remove_suffix(text.size() - last);
    text.remove_suffix(text.size() - (text.find_last_not_of(' ') + 1));
    return log2;
  }
  return 0;
}

std::optional<std::uint64_t> whole_number(std::string_view text, const std::string& unit) {
  const unsigned shift = unit == "bytes" ? take_factor(text) : 0;
  const int base = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
  const char* const first = text.data() + (base == 16 ? 2 : 0);
  const char* const last = text.data() + text.size();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(first, last, number, base);
  if (error != std::errc{} || end != last || first == last) return std::nullopt;
  if (number > std::numeric_limits<std::uint64_t>::max() >> shift) return std::nullopt;
  return number << shift;
}

std::optional<double> number(const std::string& text) {
  double result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return result;
}

}  // namespace

std::string unit_words(const std::string& unit) {
  return unit.empty() || unit == hexadecimal ? "" : " " + unit;
}

std::string written(const value& v, const std::string& unit) {
  if (const bool* truth = std::get_if<bool>(&v)) return *truth ? "true" : "false";
  if (const std::uint64_t* whole = std::get_if<std::uint64_t>(&v)) return whole_written(*whole, unit);
  if (const double* fraction = std::get_if<double>(&v)) return fraction_written(*fraction);
  return '"' + std::get<std::string>(v) + '"';
}

std::string described(const domain& d, const std::string& unit) {
  if (std::holds_alternative<truths>(d)) return "true or false";
  if (const auto* whole = std::get_if<whole_numbers>(&d)) {
    if (whole->most == std::numeric_limits<std::uint64_t>::max())
      return "from " + whole_written(whole->least, unit) + " up";
    return "from " + whole_written(whole->least, unit) + " to " + whole_written(whole->most, unit);
  }
  if (const auto* fraction = std::get_if<numbers>(&d))
    return "from " + fraction_written(fraction->least) + " to " + fraction_written(fraction->most);
  const auto* const sets = std::get_if<name_sets>(&d);
  std::string list;
  for (const std::string& each : sets != nullptr ? sets->names : std::get<names>(d).names)
    list += (list.empty() ? "" : ", ") + each;
  return sets != nullptr ? "one or more of " + list + ", joined by +" : "one of " + list;
}

std::string described_with_type(const domain& d, const std::string& unit) {
  if (std::holds_alternative<whole_numbers>(d)) return "a whole number " + described(d, unit);
  if (std::holds_alternative<numbers>(d)) return "a number " + described(d, unit);
  return described(d, unit);
}

bool has_type(const domain& d, const value& v) {
  const bool whole = std::holds_alternative<std::uint64_t>(v);
  const double* const fraction = std::get_if<double>(&v);
  if (std::holds_alternative<truths>(d)) return std::holds_alternative<bool>(v);
  if (std::holds_alternative<whole_numbers>(d)) return whole || (fraction != nullptr && *fraction < 0);
  if (std::holds_alternative<numbers>(d)) return whole || fraction != nullptr;
  return std::holds_alternative<std::string>(v);
}

bool admits(const domain& d, value& v) {
  if (std::holds_alternative<truths>(d)) return std::holds_alternative<bool>(v);
  if (const auto* whole = std::get_if<whole_numbers>(&d)) {
    const std::uint64_t* const n = std::get_if<std::uint64_t>(&v);
    return n != nullptr && whole->least <= *n && *n <= whole->most;
  }
  if (const auto* fraction = std::get_if<numbers>(&d)) {
    if (const std::uint64_t* n = std::get_if<std::uint64_t>(&v)) v = static_cast<double>(*n);
    const double* const x = std::get_if<double>(&v);
    return x != nullptr && fraction->least <= *x && *x <= fraction->most;
  }
  std::string* const name = std::get_if<std::string>(&v);
  if (name == nullptr) return false;
  if (const auto* sets = std::get_if<name_sets>(&d)) {
    const std::uint64_t set = set_named(sets->names, *name);
    if (set != 0) *name = set_written(sets->names, set);
    return set != 0;
  }
  for (const std::string& known : std::get<names>(d).names)
    if (known == *name) return true;
  return false;
}

std::uint64_t set_named(const std::vector<std::string>& all, const std::string& text) {
  std::uint64_t set = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('+', at), text.size());
    const auto found = std::find(all.begin(), all.end(), text.substr(at, end - at));
    if (found == all.end()) return 0;
    set |= std::uint64_t{1} << (found - all.begin());
    at = end + 1;
  }
  return set;
}

std::string set_written(const std::vector<std::string>& all, std::uint64_t set) {
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i)
    if ((set >> i & 1) != 0) text += (text.empty() ? "" : "+") + all[i];
  return text;
}

value parsed(const domain& d, const std::string& text, const std::string& unit) {
  if (std::holds_alternative<truths>(d) && (text == "true" || text == "false")) return text == "true";
  if (std::holds_alternative<whole_numbers>(d)) {
    if (const auto n = whole_number(text, unit)) return *n;
  }
  if (std::holds_alternative<numbers>(d)) {
    if (const auto x = number(text)) return *x;
  }
  return text;
}

}  // namespace nestwalk::configuration
