// Reads valgrind lackey's memory trace: the text of `valgrind --tool=lackey --trace-mem=yes PROGRAM`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workload/trace_reader.h"

namespace nestwalk::workload {

/// One line is one access: 'I  ADDRESS,SIZE' a fetch, ' L' a load, ' S' a store, ' M' a modify; ADDRESS hexadecimal,
/// SIZE in bytes, 1 to 512 as in lackey. An access of more than 64 bytes (FXSAVE and its like) becomes several, cut at
/// multiples of 64. Valgrind's own lines ('==PID== ...', '--PID-- ...', '**PID** ...') and empty lines are passed over.
class lackey_reader final : public trace_reader {
 public:
  static constexpr std::size_t longest_line = 64 * 1024;  ///< bytes; a longer one is an error
  static constexpr std::uint64_t largest_access = 512;    ///< bytes; lackey's MAX_DSIZE

  /// With `pass_over_text`, lines of text that do not look like a record count as output of the traced program and are
  /// passed over; otherwise they are errors. Output may stop within a line, and valgrind then writes its record behind
  /// it: text that ends with a whole record is passed over up to the record, which is performed.
  lackey_reader(byte_window window, bool pass_over_text)
      : trace_reader(std::move(window)), pass_over_text_(pass_over_text) {}

  const char* format() const override { return "lackey"; }
  std::string place_of(const operation* batch, std::size_t index) const override;
  std::uint64_t passed_over() const override { return passed_over_; }
  std::string first_passed_over() const override { return first_passed_over_; }

 protected:
  void parse(operation*& out, operation* end) override;
  void finish() override;

 private:
  void parse_unusual(std::string_view line);
  void parse_record(std::string_view line, operation_kind kind);
  void pass_over(std::string_view line);
  std::string numbered(std::string_view line) const;
  [[noreturn]] void fail_line(std::string_view line, const std::string& what) const;
  bool take_pending(operation*& out, operation* end);
  void mark(const operation* next, std::uint64_t line);

  /// From operation `index` of the batch on, each operation is of the next line, `line` being the first.
  struct line_mark {
    std::size_t index;
    std::uint64_t line;
  };

  bool pass_over_text_;
  std::uint64_t lines_ = 0;  ///< lines that have ended before the position in the window
  bool any_ = false;         ///< whether any access has been returned
  std::uint64_t passed_over_ = 0;
  std::string first_passed_over_;
  operation pending_;                ///< what is left of an access of more than 64 bytes
  std::uint64_t pending_bytes_ = 0;  ///< 0: nothing
  std::uint64_t pending_line_ = 0;
  const operation* batch_ = nullptr;
  std::vector<line_mark> marks_;  ///< of the batch, by rising index; a usual line needs none
};

}  // namespace nestwalk::workload
