#include "platforms/conform/vector_fields.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

using json = nlohmann::json;

std::uint64_t parse_vector_number(const json& value, const std::string& key) {
  if (!value.is_string()) throw input_error(fmt::format("\"{}\" must be a string such as \"0x1000\"", key));
  const std::string text = value.get<std::string>();
  constexpr std::size_t most_digits = 16;
  const bool prefixed = text.size() > 2 && text.compare(0, 2, "0x") == 0;
  if (prefixed && text.size() <= 2 + most_digits &&
      text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos)
    return std::stoull(text, nullptr, 16);
  throw input_error(
      fmt::format("\"{}\": \"{}\" is no hexadecimal number of up to 64 bits such as \"0x1000\"", key, text));
}

vector_fields::vector_fields(const json& from, std::string name) : from_(from), name_(std::move(name)) {
  if (!from.is_object()) throw input_error(fmt::format("{} must be an object ({{...}})", name_));
}

void vector_fields::only(const std::vector<std::string>& known) const {
  for (const auto& each : from_.items())
    if (std::find(known.begin(), known.end(), each.key()) == known.end())
      throw input_error(
          fmt::format("key \"{}\" is unknown; {} has {} here", each.key(), name_, fmt::join(known, ", ")));
}

const json& vector_fields::at(const char* key) const {
  const auto found = from_.find(key);
  if (found == from_.end()) throw input_error(fmt::format("key \"{}\" is missing", key));
  return *found;
}

std::uint64_t vector_fields::hex(const char* key, unsigned bits) const {
  const std::uint64_t value = parse_vector_number(at(key), key);
  if (bits < 64 && value >> bits != 0)
    throw input_error(fmt::format("\"{}\": {:#x} has more than {} bits", key, value, bits));
  return value;
}

unsigned vector_fields::small(const char* key, unsigned least, unsigned most) const {
  const json& value = at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least || value.get<std::uint64_t>() > most)
    throw input_error(fmt::format("\"{}\" must be a whole number from {} to {}", key, least, most));
  return value.get<unsigned>();
}

std::string vector_fields::text(const char* key) const {
  const json& value = at(key);
  if (!value.is_string()) throw input_error(fmt::format("\"{}\" must be a string", key));
  return value.get<std::string>();
}

std::size_t vector_fields::word(const char* key, const std::vector<std::string>& words) const {
  const std::string given = text(key);
  const auto found = std::find(words.begin(), words.end(), given);
  if (found == words.end())
    throw input_error(fmt::format("\"{}\": \"{}\" is none of {}", key, given, fmt::join(words, ", ")));
  return static_cast<std::size_t>(found - words.begin());
}

json parse_vector_line(const std::string& line) {
  std::vector<std::set<std::string>> open;  // keys of the objects that have not ended
  const auto note = [&open](int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second) {
      throw input_error(fmt::format("key \"{}\" is there twice", parsed.get<std::string>()));
    }
    return true;
  };
  try {
    return json::parse(line, note);
  } catch (const json::exception& e) {
    throw input_error(fmt::format("no vector of the form in tests/conformance/README.md: {}", e.what()));
  }
}

}  // namespace nestwalk::platforms
