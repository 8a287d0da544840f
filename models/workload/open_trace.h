// Opens a trace of a real program, whatever its format and compression.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "workload/byte_stream.h"
#include "workload/source.h"

namespace nestwalk::workload {

/// How a trace is read.
struct trace_options {
  /// Pass over whole lines of text between the records of a lackey trace, and count them (`source::passed_over`): in
  /// `valgrind ... PROGRAM 2>&1 |` they are the program's own output. Where not given: yes for standard input and
  /// descriptors, no for files, where such a line means a damaged or mixed trace.
  std::optional<bool> pass_over_text;
  /// When this becomes true, reading ends at the next read that a signal interrupts, as if the trace ended there.
  const std::atomic<bool>* stop = nullptr;
};

/// Opens the trace at `path`, or standard input for "-". The compression (none, gz, xz, zst) and the format (valgrind
/// lackey, ChampSim) are told by content. Throws `input_error` when it is missing, unreadable, empty, a corrupt archive
/// or neither format.
std::unique_ptr<source> open_trace(const std::string& path, const trace_options& options = {});

/// As `open_trace`, from an open descriptor such as a pipe's end, which the source owns; `name` stands in messages.
std::unique_ptr<source> open_trace_fd(int descriptor, const std::string& name, const trace_options& options = {});

/// As `open_trace`, from the bytes of `stream`.
std::unique_ptr<source> open_trace(std::unique_ptr<byte_stream> stream, bool pass_over_text);

}  // namespace nestwalk::workload
