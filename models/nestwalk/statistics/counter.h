// What modules count with: a plain integer, so that counting costs one addition.
#pragma once

#include <cstdint>

namespace nestwalk::statistics {

/// Events since the start or the last reset. Members of a module's public `struct counters`, registered by name in a
/// `group`; its unit stands there.
using counter = std::uint64_t;

/// `part` for each one of `whole`, and 0 where there is no whole: a rate of nothing is nothing, in every output.
constexpr double ratio(counter part, counter whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace nestwalk::statistics
