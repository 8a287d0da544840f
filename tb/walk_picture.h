// A picture of the walker's ports over the one walk of reference_walk.h.
#pragma once

#include <string>

namespace nestwalk::tb {

/// Walks on the default model over a memory that answers `latency` cycles after it takes a request, and draws what its
/// pins did as SVG: a column a cycle.
std::string walk_picture(unsigned latency);

}  // namespace nestwalk::tb
