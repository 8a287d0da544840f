// Opens a trace of a real program, whatever its format and compression.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "nestwalk/workload/byte_stream.h"
#include "nestwalk/workload/source.h"

namespace nestwalk::workload {

/// What a trace is. CloudSuite's records, of 96 bytes, cannot be told from others by content, and have to be named.
enum class trace_format : std::uint8_t { by_content, lackey, champsim, cloudsuite };

/// How a trace is read.
struct trace_options {
  /// Text between the records of a lackey trace is passed over and counted (`source::passed_over`): in
  /// `valgrind ... PROGRAM 2>&1` it is the program's own output. With true that is taken for granted; with false the
  /// end of the trace is an `input_error` that names the first line of text where nothing shows that a program wrote
  /// it, and the trace may be damaged. Where not given: true for standard input, pipes and descriptors, false for
  /// files.
  std::optional<bool> pass_over_text;
  /// When this becomes true, reading ends within a second, as if the trace ended there.
  const std::atomic<bool>* stop = nullptr;
  trace_format format = trace_format::by_content;
};

/// Opens the trace at `path`, or standard input for "-". The compression (none, gz, bz2, xz, zst) is told by content,
/// and so is the format (valgrind lackey, ChampSim) where it is not given. Throws `input_error` when it is missing,
/// unreadable, empty, a corrupt archive or neither format; it then says what it is, where it is something that is
/// commonly handed in.
std::unique_ptr<source> open_trace(const std::string& path, const trace_options& options = {});

/// As `open_trace`, from an open descriptor such as a pipe's end, which the source owns; `name` stands in messages.
std::unique_ptr<source> open_trace_fd(int descriptor, const std::string& name, const trace_options& options = {});

/// As `open_trace`, from the bytes of `stream`.
std::unique_ptr<source> open_trace(std::unique_ptr<byte_stream> stream, const trace_options& options);

}  // namespace nestwalk::workload
