// The configurations and traces that ship with the program.
#pragma once

#include <string>

namespace nestwalk::platforms {

/// The path of the configuration that `given` names: the file itself where there is one (no folder), else the shipped
/// one of that name ("zen2"). Throws `input_error` where there is neither.
std::string configuration_file(const std::string& given);

/// The trace that runs where none is named. Throws `input_error` where it is not found.
std::string default_trace();

}  // namespace nestwalk::platforms
