// The program behind the command line.
#pragma once

namespace nestwalk::platforms {

/// Reads the command line and performs the command. Errors of the input end up as one message on standard error.
/// Returns the exit status: 0, 1 for bad input, 2 for bad usage.
int program(int argc, char** argv);

}  // namespace nestwalk::platforms
