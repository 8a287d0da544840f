#include "nestwalk/workload/lackey_text.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace nestwalk::workload {

namespace {

constexpr std::size_t start_size = 3;  // of "I  " and its like
constexpr std::size_t most_digits = 16;

struct start_of_record {
  std::string_view text;
  operation_kind kind;
};

constexpr start_of_record starts[] = {{"I  ", operation_kind::fetch},
                                      {" L ", operation_kind::load},
                                      {" S ", operation_kind::store},
                                      {" M ", operation_kind::modify}};

std::optional<operation_kind> kind_of(std::string_view line) {
  for (const start_of_record& each : starts)
    if (line.substr(0, start_size) == each.text) return each.kind;
  return std::nullopt;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

/// Takes the digits at the start of `text` off it and returns how many; `value` is of the last sixteen.
std::size_t take_digits(std::string_view& text, int base, std::uint64_t& value) {
  std::size_t count = 0;
  value = 0;
  for (; count < text.size() && digit_value(text[count]) < base; ++count)
    value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit_value(text[count]));
  text.remove_prefix(count);
  return count;
}

/// What valgrind puts around its process number.
bool is_mark(char c) {
  return c == '=' || c == '-' || c == '*';
}

void take_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
}

/// Whether nothing but the marks and the number of a line of valgrind's stands there, or the first of them.
bool is_start_of_valgrinds(std::string_view line) {
  if (line.empty() || !is_mark(line[0])) return false;
  const auto take_marks = [mark = line[0], &line] {
    const std::size_t count = std::min<std::size_t>(2, std::min(line.size(), line.find_first_not_of(mark)));
    line.remove_prefix(count);
    return count;
  };
  if (take_marks() < 2) return line.empty();
  std::uint64_t process = 0;
  if (take_digits(line, 10, process) == 0) return line.empty();
  take_marks();
  return line.empty();
}

}  // namespace

std::string_view without_blanks_behind(std::string_view line) {
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

std::optional<lackey_record> record_of(std::string_view line) {
  const std::optional<operation_kind> kind = kind_of(line);
  if (!kind) return std::nullopt;
  line.remove_prefix(start_size);
  lackey_record record;
  record.kind = *kind;
  const std::size_t digits = take_digits(line, 16, record.address);
  if (digits == 0 || digits > most_digits || line.empty() || line[0] != ',') return std::nullopt;
  line.remove_prefix(1);
  const std::size_t of_size = take_digits(line, 10, record.bytes);
  const bool has_size = of_size != 0 && of_size <= 4 && record.bytes != 0 && record.bytes <= lackey_record::largest;
  if (!has_size || !line.empty()) return std::nullopt;
  return record;
}

std::optional<lackey_record> record_behind_text(std::string_view line) {
  constexpr std::size_t fewest_digits = 8;
  const std::size_t comma = line.rfind(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::size_t blank = line.find_last_of(' ', comma);
  if (blank == std::string_view::npos || blank + 1 < start_size || comma - blank - 1 < fewest_digits)
    return std::nullopt;
  return record_of(line.substr(blank + 1 - start_size));
}

bool is_valgrinds(std::string_view line) {
  if (line.size() < 5 || line[0] != line[1] || !is_mark(line[0])) return false;
  std::string_view rest = line.substr(2);
  std::uint64_t process = 0;
  const std::size_t digits = take_digits(rest, 10, process);
  return digits != 0 && digits <= 10 && rest.substr(0, 2) == line.substr(0, 2);
}

bool is_superblock(std::string_view line) {
  if (line.substr(0, start_size) != "SB ") return false;
  line.remove_prefix(start_size);
  std::uint64_t address = 0;
  const std::size_t digits = take_digits(line, 16, address);
  return digits != 0 && digits <= most_digits && line.empty();
}

bool holds_lackey_line(std::string_view text) {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    if (is_valgrinds(line) || record_of(without_blanks_behind(line))) return true;
    text.remove_prefix(end + 1);
  }
  return false;
}

bool looks_like_record(std::string_view line) {
  if (kind_of(line)) return true;
  constexpr std::size_t digits_of_an_address = 6;
  take_blanks(line);
  const bool lettered = line.size() > 1 && line[0] >= 'A' && line[0] <= 'Z';
  if (lettered) line.remove_prefix(1);
  take_blanks(line);
  std::uint64_t address = 0;
  const std::size_t digits = take_digits(line, 16, address);
  if (digits == 0) return false;
  return line.empty() ? digits >= digits_of_an_address : line[0] == ',' && (lettered || digits >= digits_of_an_address);
}

bool may_be_cut_off(std::string_view line) {
  if (line.size() < start_size) {
    for (const start_of_record& each : starts)
      if (each.text.substr(0, line.size()) == line) return true;
    return is_start_of_valgrinds(line) || line == "S" || line == "SB";
  }
  if (is_start_of_valgrinds(line) || is_valgrinds(line) || is_superblock(line) || line == "SB ") return true;
  // Of a record the address, the comma and the size may follow: with them it is whole.
  const std::string_view rests[] = {"", "1", ",1", "0,1"};
  return std::any_of(std::begin(rests), std::end(rests),
                     [&](std::string_view rest) { return record_of(std::string(line).append(rest)).has_value(); });
}

}  // namespace nestwalk::workload
