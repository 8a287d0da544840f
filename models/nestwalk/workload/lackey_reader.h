// Reads valgrind lackey's memory trace: the text of `valgrind --tool=lackey --trace-mem=yes PROGRAM`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nestwalk/workload/lackey_text.h"
#include "nestwalk/workload/trace_reader.h"

namespace nestwalk::workload {

/// One line is one access: 'I  ADDRESS,SIZE' a fetch, ' L' a load, ' S' a store, ' M' a modify; ADDRESS hexadecimal,
/// SIZE in bytes, 1 to 512 as in lackey; blanks may stand behind it. An access of more than 64 bytes (FXSAVE and its
/// like) becomes several, cut at multiples of 64. Valgrind's own lines ('==PID== ...', '--PID-- ...', '**PID** ...')
/// say nothing here.
///
/// Every other line is text, whatever its bytes and its length: passed over and counted. Output may stop within a line,
/// and valgrind then writes its record behind it: text that ends with a whole record counts as text, and the record is
/// performed.
class lackey_reader final : public trace_reader {
 public:
  /// With `pass_over_text`, all text is taken for the traced program's output. Otherwise the end of the trace throws
  /// `input_error`, naming the first line of text, where nothing shows that: see `damaged`.
  lackey_reader(byte_window window, bool pass_over_text)
      : trace_reader(std::move(window)), pass_over_text_(pass_over_text) {}

  const char* format() const override { return "lackey"; }
  std::string place_of(const operation* batch, std::size_t index) const override;
  std::uint64_t passed_over() const override { return text_ + empty_ + superblocks_; }
  std::string first_passed_over() const override { return first_passed_over_; }

 protected:
  void parse(operation*& out, operation* end) override;
  void finish() override;

 private:
  const char* take_unusual(const char* at, const char* stop, operation*& out, operation* end);
  void parse_unusual(std::string_view line);
  void pass_over(std::string_view line, std::string_view end_of_line);
  void note_passed_over(std::string_view line);
  void begin_long_line();
  void hold(const lackey_record& record);
  std::uint64_t records() const { return lines_ - valgrinds_ - passed_over() + behind_text_; }
  bool damaged() const;
  std::string numbered(std::string_view line) const;
  [[noreturn]] void fail_as_no_record(const std::string& what) const;
  bool take_pending(operation*& out, operation* end);
  void mark(const operation* next, std::uint64_t line);

  /// From operation `index` of the batch on, each operation is of the next line, `line` being the first.
  struct line_mark {
    std::size_t index;
    std::uint64_t line;
  };

  bool pass_over_text_;
  std::uint64_t lines_ = 0;        ///< lines that have ended before the position in the window
  std::uint64_t valgrinds_ = 0;    ///< lines in which valgrind itself speaks
  std::uint64_t superblocks_ = 0;  ///< lines 'SB ADDRESS'
  std::uint64_t empty_ = 0;        ///< lines of blanks or nothing
  std::uint64_t text_ = 0;         ///< all other lines
  std::uint64_t output_ = 0;       ///< those of them that no damage makes of a record
  std::uint64_t behind_text_ = 0;  ///< those of them that end with a record
  std::string first_passed_over_;
  std::string first_text_;
  std::string long_line_;            ///< the start of a line longer than the window keeps; empty where there is none
  operation pending_;                ///< what is left of an access of more than 64 bytes
  std::uint64_t pending_bytes_ = 0;  ///< 0: nothing
  std::uint64_t pending_line_ = 0;
  const operation* batch_ = nullptr;
  std::vector<line_mark> marks_;  ///< of the batch, by rising index; a usual line needs none
};

}  // namespace nestwalk::workload
