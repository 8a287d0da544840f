// Reads a conformance vector from its line of JSON.
#pragma once

#include <string>

#include "platforms/conform/vector.h"

namespace nestwalk::platforms {

/// Reads one line in the form of tests/conformance/README.md. Throws `input_error` with what was wrong, naming the key:
/// one that is missing, unknown or there twice, and every value that the form excludes.
conformance_vector parse_vector(const std::string& line);

}  // namespace nestwalk::platforms
