#include "platforms/configuration/value.h"

#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nestwalk::platforms {
namespace {

constexpr std::array<std::pair<const char*, unsigned>, 4> factors = {
    {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}}};

std::string bytes_written(std::uint64_t bytes) {
  for (const auto& [name, log2] : factors)
    if (bytes != 0 && (bytes & ((std::uint64_t{1} << log2) - 1)) == 0) return fmt::format("{}{}", bytes >> log2, name);
  return fmt::to_string(bytes);
}

std::string whole_written(std::uint64_t number, const std::string& unit) {
  return unit == "bytes" ? bytes_written(number) : fmt::to_string(number);
}

std::optional<std::uint64_t> whole_number(std::string text) {
  unsigned shift = 0;
  for (const auto& [name, log2] : factors) {
    if (text.size() <= 3 || text.compare(text.size() - 3, 3, name) != 0) continue;
    shift = log2;
    text.resize(text.size() - 3);
  }
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

std::string written(const value& v, const std::string& unit) {
  if (std::holds_alternative<std::monostate>(v)) return "unset";
  if (const bool* truth = std::get_if<bool>(&v)) return *truth ? "true" : "false";
  if (const std::uint64_t* whole = std::get_if<std::uint64_t>(&v)) return whole_written(*whole, unit);
  if (const double* fraction = std::get_if<double>(&v)) return fmt::to_string(*fraction);
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
    return fmt::format("from {} to {}", fraction->least, fraction->most);
  return fmt::format("one of {}", fmt::join(std::get<names>(d).names, ", "));
}

std::string described_with_type(const domain& d, const std::string& unit) {
  if (std::holds_alternative<whole_numbers>(d)) return "a whole number " + described(d, unit);
  if (std::holds_alternative<numbers>(d)) return "a number " + described(d, unit);
  return described(d, unit);
}

nlohmann::ordered_json as_json(const value& v) {
  if (const bool* truth = std::get_if<bool>(&v)) return *truth;
  if (const std::uint64_t* whole = std::get_if<std::uint64_t>(&v)) return *whole;
  if (const double* fraction = std::get_if<double>(&v)) return *fraction;
  if (const std::string* name = std::get_if<std::string>(&v)) return *name;
  return nullptr;
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
  const std::string* const name = std::get_if<std::string>(&v);
  if (name == nullptr) return false;
  for (const std::string& known : std::get<names>(d).names)
    if (known == *name) return true;
  return false;
}

value parsed(const domain& d, const std::string& text) {
  if (std::holds_alternative<truths>(d) && (text == "true" || text == "false")) return text == "true";
  if (std::holds_alternative<whole_numbers>(d)) {
    if (const auto n = whole_number(text)) return *n;
  }
  if (std::holds_alternative<numbers>(d)) {
    if (const auto x = number(text)) return *x;
  }
  return text;
}

}  // namespace nestwalk::platforms
