// The commands of the program. Each returns its exit status, that of `interruption` where a signal ended it, and throws
// `input_error` for bad input.
#pragma once

#include "platforms/commands/command_options.h"

namespace nestwalk::platforms {

inline constexpr int exit_good = 0;
inline constexpr int exit_bad_input = 1;
inline constexpr int exit_usage = 2;

int run_command(const command_options& options);
int compare_command(const command_options& options);
int explain_command(const command_options& options);
int map_command(const command_options& options);
int conform_command(const command_options& options);
int cosim_command(const command_options& options);
int cost_command(const command_options& options);
/// Lists all keys with unit, documentation, and what they hold: their default unless the configuration file or --set
/// says otherwise.
int describe_command(const command_options& options);

}  // namespace nestwalk::platforms
