#include "nestwalk/workload/trace_reader.h"

#include "nestwalk/protocol/error.h"

namespace nestwalk::workload {

std::size_t trace_reader::next(operation* out, std::size_t capacity) {
  if (problem_) throw input_error(*problem_);
  operation* last = out;
  try {
    while (!ended_ && capacity != 0) {
      parse(last, out + capacity);
      if (last != out) break;
      if (window_.refill()) continue;
      ended_ = true;
      if (!window_.stream().stopped()) finish();
    }
  } catch (const input_error& error) {
    problem_ = cause_of(error);
    if (last == out) throw input_error(*problem_);
  }
  return static_cast<std::size_t>(last - out);
}

/// What a record makes no sense for: damage of the archive that it comes from, where there is any.
std::string trace_reader::cause_of(const input_error& error) {
  try {
    window_.check_rest();
    return error.what();
  } catch (const input_error& damage) {
    return damage.what();
  }
}

void trace_reader::fail(const std::string& what) const {
  throw input_error(window_.stream().name() + ": " + what);
}

}  // namespace nestwalk::workload
