#include "nestwalk/workload/lackey_reader.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>

#include "nestwalk/workload/lackey_line.h"
#include "nestwalk/workload/text.h"

namespace nestwalk::workload {

namespace {

constexpr std::uint64_t largest_piece = 64;
constexpr std::size_t longest_line = 64 * 1024;  // bytes that the window keeps of a line
constexpr std::size_t kept_start = 64;           // bytes of a longer line's start, for messages
constexpr std::size_t kept_end = 1024;           // and of its end, where a record may stand
constexpr const char* no_record =
    " is no record of a lackey trace; 'I  ADDRESS,SIZE', ' L ADDRESS,SIZE', ' S ADDRESS,SIZE' or ' M ADDRESS,SIZE' is "
    "expected, with a hexadecimal address and a size of 1 to 512 bytes";

}  // namespace

void lackey_reader::parse(operation*& out, operation* end) {
  batch_ = out;
  marks_.clear();
  if (pending_bytes_ != 0 && !take_pending(out, end)) return;
  mark(out, lines_ + 1);
  const char* at = window().begin();
  const void* const newline = ::memrchr(at, '\n', window().size());
  if (newline == nullptr) {
    if (window().size() > longest_line) begin_long_line();
    return;
  }
  const char* const stop = static_cast<const char*>(newline) + 1;
  if (!long_line_.empty()) at = take_unusual(at, stop, out, end);
  while (at != stop && out != end) {
    if (const char* const next = parse_lackey_line(at, *out); next != nullptr) {
      at = next;
      ++out;
      ++lines_;
    } else {
      at = take_unusual(at, stop, out, end);
    }
  }
  window().consume(at);
}

/// Takes the line at `at`, which the fast form does not cover, and hands out what it holds; returns the next line.
const char* lackey_reader::take_unusual(const char* at, const char* stop, operation*& out, operation* end) {
  const char* const line_end = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(stop - at)));
  parse_unusual({at, static_cast<std::size_t>(line_end - at)});
  ++lines_;
  if (pending_bytes_ == 0 || take_pending(out, end)) mark(out, lines_ + 1);
  return line_end + 1;
}

/// Drops the window but for what the end of a record may need.
void lackey_reader::begin_long_line() {
  if (long_line_.empty()) long_line_.assign(window().begin(), kept_start);
  window().consume(window().end() - kept_end);
}

/// Counts the line for what it is. Leaves a record's access in `pending_`.
void lackey_reader::parse_unusual(std::string_view line) {
  const std::string_view content = without_blanks_behind(line);
  if (!long_line_.empty()) {
    is_valgrinds(long_line_) ? void(++valgrinds_) : pass_over(long_line_, content);
    long_line_.clear();
    return;
  }
  if (const std::optional<lackey_record> record = record_of(content)) return hold(*record);
  if (is_valgrinds(line)) {
    ++valgrinds_;
  } else if (content.empty() || is_superblock(content)) {
    ++(content.empty() ? empty_ : superblocks_);
    note_passed_over(line);
  } else {
    pass_over(line, content);
  }
}

/// Text, of which `end_of_line`, without blanks behind it, is the end or the whole.
void lackey_reader::pass_over(std::string_view line, std::string_view end_of_line) {
  note_passed_over(line);
  if (text_++ == 0) first_text_ = numbered(line);
  if (is_text(line) && !looks_like_record(line)) ++output_;
  if (const std::optional<lackey_record> record = record_behind_text(end_of_line)) {
    ++behind_text_;
    hold(*record);
  }
}

void lackey_reader::note_passed_over(std::string_view line) {
  if (first_passed_over_.empty()) first_passed_over_ = numbered(line);
}

void lackey_reader::hold(const lackey_record& record) {
  pending_.kind = record.kind;
  pending_.address = paging::gva(record.address);
  pending_bytes_ = record.bytes;
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

/// Whether the text is what damage made of records rather than a program's output. Output shows itself by a line that
/// no record can have become, where valgrind's own lines say that the file holds what a terminal showed. Without them
/// it takes two, and fewer lines of text than of records: a program performs accesses for all that it prints.
bool lackey_reader::damaged() const {
  if (text_ == 0) return false;
  return valgrinds_ != 0 ? output_ == 0 : output_ < 2 || records() <= text_;
}

void lackey_reader::finish() {
  const std::string_view rest(window().begin(), window().size());
  const bool cut_off = long_line_.empty() && !rest.empty() && may_be_cut_off(without_blanks_behind(rest));
  const std::string last = numbered(rest);
  if (!rest.empty() && !cut_off) {
    pass_over(long_line_.empty() ? rest : long_line_, {});  // a record at its end may be one cut off
    ++lines_;
  }
  if (!pass_over_text_ && records() != 0 && damaged())
    fail_as_no_record("; " + std::to_string(text_) + (text_ == 1 ? " line is none" : " lines are none") +
                      ", and nothing shows that the traced program wrote them: the trace is damaged. Where it is "
                      "whole, give it as standard input (--trace -)");
  if (cut_off)
    fail(last + " is the last and has no newline at its end; the trace is cut off, capture or copy it again");
  if (records() != 0) return;
  if (text_ != 0) fail_as_no_record("; nor is any other line");
  fail("holds no access; a lackey trace has lines such as 'I  04001000,3' (--trace-mem=yes)");
}

/// The line that is being read, for a message.
std::string lackey_reader::numbered(std::string_view line) const {
  return "line " + std::to_string(lines_ + 1) + ": " + quote(line);
}

/// Throws what is wrong with the first line of text, and `what` of them all.
void lackey_reader::fail_as_no_record(const std::string& what) const {
  fail(first_text_ + no_record + what);
}

}  // namespace nestwalk::workload
