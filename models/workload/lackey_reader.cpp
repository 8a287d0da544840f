#include "workload/lackey_reader.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>

#include "workload/lackey_line.h"
#include "workload/text.h"

namespace nestwalk::workload {

namespace {

constexpr std::uint64_t largest_piece = 64;
constexpr const char* expected =
    "; 'I  ADDRESS,SIZE', ' L ADDRESS,SIZE', ' S ADDRESS,SIZE' or ' M ADDRESS,SIZE' is expected, with a hexadecimal "
    "address and a size of 1 to 512 bytes";

std::optional<operation_kind> kind_of(std::string_view line) {
  const std::string_view start = line.substr(0, 3);
  if (start == "I  ") return operation_kind::fetch;
  if (start == " L ") return operation_kind::load;
  if (start == " S ") return operation_kind::store;
  if (start == " M ") return operation_kind::modify;
  return std::nullopt;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

/// Takes the digits at the start of `text` off it. Nothing when there are none, or more than `most`.
std::optional<std::uint64_t> take_number(std::string_view& text, int base, std::size_t most) {
  std::uint64_t value = 0;
  std::size_t count = 0;
  for (; count < text.size() && digit_value(text[count]) < base; ++count)
    value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit_value(text[count]));
  text.remove_prefix(count);
  if (count == 0 || count > most) return std::nullopt;
  return value;
}

/// Whether valgrind itself speaks: two equal marks, a process number, the marks again.
bool is_valgrinds(std::string_view line) {
  if (line.size() < 5 || line[0] != line[1] || std::strchr("=-*", line[0]) == nullptr) return false;
  std::string_view rest = line.substr(2);
  return take_number(rest, 10, 10) && rest.substr(0, 2) == line.substr(0, 2);
}

/// Whether a line has the shape of a record, whatever its letter: at most a space, a letter, spaces, digits, a comma.
bool looks_like_record(std::string_view line) {
  if (kind_of(line)) return true;
  if (!line.empty() && line[0] == ' ') line.remove_prefix(1);
  if (line.size() < 2 || line[1] != ' ') return false;
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ', 1)));
  return take_number(line, 16, 16) && !line.empty() && line[0] == ',';
}

/// The record that `line` ends with, behind other text; empty where there is none.
std::string_view record_behind_text(std::string_view line) {
  const std::size_t comma = line.rfind(',');
  if (comma == std::string_view::npos) return {};
  const std::size_t before_address = line.find_last_of(' ', comma);
  constexpr std::size_t start_size = 3;
  if (before_address == std::string_view::npos || before_address + 1 < start_size) return {};
  std::string_view record = line.substr(before_address + 1 - start_size);
  if (!kind_of(record)) return {};
  std::string_view rest = record.substr(start_size);
  if (!take_number(rest, 16, 16) || rest.empty() || rest[0] != ',') return {};
  rest.remove_prefix(1);
  const std::optional<std::uint64_t> size = take_number(rest, 10, 4);
  const bool whole = size && *size != 0 && *size <= lackey_reader::largest_access && (rest.empty() || rest == "\r");
  return whole ? record : std::string_view();
}

}  // namespace

void lackey_reader::parse(operation*& out, operation* end) {
  batch_ = out;
  marks_.clear();
  if (pending_bytes_ != 0 && !take_pending(out, end)) return;
  mark(out, lines_ + 1);
  const char* at = window().begin();
  const void* const newline = ::memrchr(at, '\n', window().size());
  if (newline == nullptr) {
    if (window().size() > longest_line) fail_line({at, 40}, "is longer than 65536 bytes");
    return;
  }
  const char* const stop = static_cast<const char*>(newline) + 1;
  const operation* const first = out;
  while (at != stop && out != end) {
    if (const char* const next = parse_lackey_line(at, *out); next != nullptr) {
      at = next;
      ++out;
      ++lines_;
      continue;
    }
    const char* const line_end = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(stop - at)));
    parse_unusual({at, static_cast<std::size_t>(line_end - at)});
    ++lines_;
    at = line_end + 1;
    if (pending_bytes_ != 0 && !take_pending(out, end)) break;
    mark(out, lines_ + 1);
  }
  any_ = any_ || out != first;
  window().consume(at);
}

/// A line that the fast form does not cover. Leaves a record's access in `pending_`.
void lackey_reader::parse_unusual(std::string_view line) {
  if (line.empty() || line == "\r" || is_valgrinds(line)) return;
  if (const std::optional<operation_kind> kind = kind_of(line)) return parse_record(line, *kind);
  if (pass_over_text_ && is_text(line) && !looks_like_record(line)) {
    pass_over(line);
    return;
  }
  std::string what = std::string("is no record of a lackey trace") + expected;
  if (is_text(line) && !looks_like_record(line))
    what += "; is this output of the traced program? keep it apart with valgrind's --log-file";
  fail_line(line, what);
}

void lackey_reader::pass_over(std::string_view line) {
  if (passed_over_++ == 0) first_passed_over_ = numbered(line);
  const std::string_view record = record_behind_text(line);
  if (const std::optional<operation_kind> kind = kind_of(record)) parse_record(record, *kind);
}

void lackey_reader::parse_record(std::string_view line, operation_kind kind) {
  std::string_view rest = line.substr(3);
  const std::optional<std::uint64_t> address = take_number(rest, 16, 16);
  if (!address) fail_line(line, std::string("has no address of 1 to 16 hexadecimal digits") + expected);
  if (rest.empty() || rest[0] != ',') fail_line(line, std::string("has no comma behind its address") + expected);
  rest.remove_prefix(1);
  const std::optional<std::uint64_t> size = take_number(rest, 10, 4);
  if (!size || (!rest.empty() && rest != "\r")) fail_line(line, std::string("does not end with a size") + expected);
  if (*size == 0 || *size > largest_access)
    fail_line(line, "has a size of " + std::to_string(*size) + "; 1 to 512 bytes are expected");
  pending_.kind = kind;
  pending_.address = paging::gva(*address);
  pending_bytes_ = *size;
  pending_line_ = lines_ + 1;
}

/// Hands out what is pending, in pieces that a core can do at once. False when `end` came first.
bool lackey_reader::take_pending(operation*& out, operation* end) {
  while (pending_bytes_ != 0) {
    if (out == end) return false;
    const std::uint64_t to_line_end = largest_piece - pending_.address.offset(6);
    const std::uint64_t piece = pending_bytes_ <= largest_piece ? pending_bytes_ : to_line_end;
    mark(out, pending_line_);
    *out = pending_;
    out->size = static_cast<std::uint16_t>(piece);
    ++out;
    pending_.address = pending_.address + piece;
    pending_bytes_ -= piece;
  }
  return true;
}

/// The operation that will stand at `next` is of `line`.
void lackey_reader::mark(const operation* next, std::uint64_t line) {
  const auto index = static_cast<std::size_t>(next - batch_);
  if (!marks_.empty() && marks_.back().index == index) marks_.pop_back();
  marks_.push_back({index, line});
}

std::string lackey_reader::place_of(const operation* /*batch*/, std::size_t index) const {
  const auto behind = std::upper_bound(marks_.begin(), marks_.end(), index,
                                       [](std::size_t i, const line_mark& each) { return i < each.index; });
  const line_mark& last = *std::prev(behind);  // the first mark is of operation 0
  return window().stream().name() + ": line " + std::to_string(last.line + (index - last.index));
}

void lackey_reader::finish() {
  if (window().size() != 0) {
    const std::string_view line(window().begin(), window().size());
    if (!is_text(line)) parse_unusual(line);
    fail_line(line, "is the last and has no newline at its end; the trace is cut off, capture or copy it again");
  }
  if (!any_) fail("holds no access; a lackey trace has lines such as 'I  04001000,3' (--trace-mem=yes)");
}

/// The line that is being read, for a message.
std::string lackey_reader::numbered(std::string_view line) const {
  return "line " + std::to_string(lines_ + 1) + ": " + quote(line);
}

void lackey_reader::fail_line(std::string_view line, const std::string& what) const {
  fail(numbered(line) + " " + what);
}

}  // namespace nestwalk::workload
