#include "workload/open_trace.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "protocol/error.h"
#include "workload/byte_window.h"
#include "workload/champsim_reader.h"
#include "workload/lackey_reader.h"
#include "workload/text.h"

namespace nestwalk::workload {

namespace {

/// Text holds no control bytes, a ChampSim record has two of value 0 or 1 at its bytes 8 and 9.
bool is_champsim(std::string_view start) {
  return start.size() >= 10 && static_cast<unsigned char>(start[8]) <= 1 && static_cast<unsigned char>(start[9]) <= 1;
}

}  // namespace

std::unique_ptr<source> open_trace(const std::string& path, const trace_options& options) {
  return open_trace(byte_stream::open(path, options.stop), options.pass_over_text.value_or(path == "-"));
}

std::unique_ptr<source> open_trace_fd(int descriptor, const std::string& name, const trace_options& options) {
  return open_trace(std::make_unique<byte_stream>(descriptor, name, options.stop),
                    options.pass_over_text.value_or(true));
}

std::unique_ptr<source> open_trace(std::unique_ptr<byte_stream> stream, bool pass_over_text) {
  byte_window window(std::move(stream));
  window.require(champsim_reader::record_size);
  const std::string_view start(window.begin(), std::min(window.size(), champsim_reader::record_size));
  if (is_champsim(start)) return std::make_unique<champsim_reader>(std::move(window));
  if (is_text(start.substr(0, start.find('\n'))))
    return std::make_unique<lackey_reader>(std::move(window), pass_over_text);
  window.check_rest();
  throw input_error(window.stream().name() + ": begins with " + quote(start.substr(0, 16)) +
                    ", which is neither a valgrind lackey trace (text, 'I  04001000,3') nor a ChampSim trace (64-byte "
                    "records); both may be plain, gz, xz or zst");
}

}  // namespace nestwalk::workload
