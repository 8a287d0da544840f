#include "nestwalk/workload/open_trace.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/byte_window.h"
#include "nestwalk/workload/champsim_reader.h"
#include "nestwalk/workload/champsim_record.h"
#include "nestwalk/workload/foreign_format.h"
#include "nestwalk/workload/lackey_reader.h"
#include "nestwalk/workload/lackey_text.h"
#include "nestwalk/workload/text.h"

namespace nestwalk::workload {

namespace {

constexpr const char* can_be_read =
    "a valgrind lackey trace (text, 'I  04001000,3') or a ChampSim trace (64-byte records), plain, gz, bz2, xz or zst, "
    "can be read; ChampSim's CloudSuite records (96 bytes) only where the format is given";

/// The first bytes, up to `count`, and whether they are all there are.
struct first_bytes {
  std::string_view bytes;
  bool whole;
};

/// Damage behind bytes that can be read is met again when reading gets there.
first_bytes look_at(byte_window& window, std::size_t count) {
  bool whole = false;
  try {
    whole = !window.require(count);
  } catch (const input_error&) {
    if (window.size() == 0) throw;
  }
  return {{window.begin(), std::min(window.size(), count)}, whole};
}

bool is_champsim(byte_window& window) {
  const std::string_view first = look_at(window, champsim_record::size).bytes;
  if (!may_begin_champsim(first)) return false;  // no wait for more
  const first_bytes start = look_at(window, champsim_evidence_size);
  return looks_like_champsim(start.bytes, start.whole);
}

/// Whether a lackey trace begins: with a line of text, or with other output of its program before a line of lackey's.
bool is_lackey(byte_window& window) {
  std::string_view first = look_at(window, 64).bytes;
  first.remove_prefix(std::min(first.size(), first.find_first_not_of("\r\n")));
  return is_text(first.substr(0, first.find('\n'))) ||
         holds_lackey_line(look_at(window, byte_window::capacity / 2).bytes);
}

/// The window, where there is anything in it.
byte_window filled(byte_window window) {
  if (!window.require(1) && !window.stream().stopped())
    throw input_error(window.stream().name() + ": is empty; a trace is expected");
  return window;
}

}  // namespace

std::unique_ptr<source> open_trace(const std::string& path, const trace_options& options) {
  return open_trace(byte_stream::open(path, options.stop), options);
}

std::unique_ptr<source> open_trace_fd(int descriptor, const std::string& name, const trace_options& options) {
  trace_options of_a_pipe = options;
  of_a_pipe.pass_over_text = options.pass_over_text.value_or(true);
  return open_trace(std::make_unique<byte_stream>(descriptor, name, options.stop), of_a_pipe);
}

std::unique_ptr<source> open_trace(std::unique_ptr<byte_stream> stream, const trace_options& options) {
  const bool is_file = stream->is_file() && stream->name() != byte_stream::standard_input;
  const bool pass_over_text = options.pass_over_text.value_or(!is_file);
  byte_window window(std::move(stream));
  switch (options.format) {
    case trace_format::by_content: break;
    case trace_format::lackey: return std::make_unique<lackey_reader>(filled(std::move(window)), pass_over_text);
    case trace_format::champsim: return std::make_unique<champsim_reader>(filled(std::move(window)));
    case trace_format::cloudsuite: return std::make_unique<cloudsuite_reader>(filled(std::move(window)));
  }
  const std::string foreign = foreign_format(look_at(window, foreign_format_size).bytes);
  if (foreign.empty()) {
    if (is_champsim(window)) return std::make_unique<champsim_reader>(std::move(window));
    if (is_lackey(window)) return std::make_unique<lackey_reader>(std::move(window), pass_over_text);
  }
  window.check_rest();
  const std::string start = quote(look_at(window, 16).bytes);
  const std::string seen = foreign.empty() ? "begins with " + start + ", which is no trace" : "is " + foreign;
  throw input_error(window.stream().name() + ": " + seen + "; " + can_be_read);
}

}  // namespace nestwalk::workload
