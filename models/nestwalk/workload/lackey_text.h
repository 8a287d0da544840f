// What a line of lackey's output is that the fast parser does not know.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "nestwalk/workload/operation.h"

namespace nestwalk::workload {

/// One access as lackey records it.
struct lackey_record {
  static constexpr std::uint64_t largest = 512;  ///< bytes; lackey's MAX_DSIZE

  operation_kind kind = operation_kind::fetch;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;  ///< 1 to `largest`
};

/// `line` without the blanks at its end: spaces, tabs, carriage returns.
std::string_view without_blanks_behind(std::string_view line);

/// The record that `line`, which ends in no blank, is; nothing where it is none.
std::optional<lackey_record> record_of(std::string_view line);

/// The record that `line`, which ends in no blank, ends with: what valgrind wrote behind output that had not ended its
/// line. Only the form that lackey writes, addresses of eight digits or more, so that output is not taken for one.
std::optional<lackey_record> record_behind_text(std::string_view line);

/// Whether valgrind itself speaks: '==PID== ...', '--PID-- ...' or '**PID** ...'.
bool is_valgrinds(std::string_view line);

/// Whether `line`, which ends in no blank, is 'SB ADDRESS', as --trace-superblocks=yes writes.
bool is_superblock(std::string_view line);

/// Whether any whole line of `text` is a record, or valgrind's own.
bool holds_lackey_line(std::string_view text);

/// Whether a line that is no record looks as if it had been one.
bool looks_like_record(std::string_view line);

/// Whether more bytes could make a record, or valgrind's own line, of `line`.
bool may_be_cut_off(std::string_view line);

}  // namespace nestwalk::workload
