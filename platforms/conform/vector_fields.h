// The keys of one JSON object of a conformance vector, held to the vectors' form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace nestwalk::platforms {

/// A number as the vectors write it: "0x" and 1 to 16 hexadecimal digits. Throws `input_error` naming `key` for
/// anything else.
std::uint64_t parse_vector_number(const nlohmann::json& value, const std::string& key);

/// One object: what is asked of it is there and of its type. Every function throws `input_error` naming the key that is
/// not so.
class vector_fields {
 public:
  /// The object `from`, which outlives this; `name` stands in messages: "a line", or its key in quotation marks.
  vector_fields(const nlohmann::json& from, std::string name);

  /// Throws where there is a key beside `known`.
  void only(const std::vector<std::string>& known) const;
  bool has(const char* key) const { return from_.contains(key); }
  const nlohmann::json& at(const char* key) const;
  /// A number of up to `bits` bits.
  std::uint64_t hex(const char* key, unsigned bits = 64) const;
  /// A whole number from `least` to `most`.
  unsigned small(const char* key, unsigned least, unsigned most) const;
  bool flag(const char* key) const { return small(key, 0, 1) != 0; }
  std::string text(const char* key) const;
  /// Which of `words` the text is.
  std::size_t word(const char* key, const std::vector<std::string>& words) const;

 private:
  const nlohmann::json& from_;
  std::string name_;
};

/// Parses one line of JSON. Throws `input_error` where it is none, or has a key twice in one object.
nlohmann::json parse_vector_line(const std::string& line);

}  // namespace nestwalk::platforms
