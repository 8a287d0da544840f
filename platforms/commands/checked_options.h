// What must hold of the options of `run` and `compare` before anything is opened.
#pragma once

#include <vector>

#include "platforms/commands/command_options.h"
#include "platforms/output/named_file.h"
#include "platforms/run/job.h"

namespace nestwalk::platforms {

/// Throws `input_error` where a file is to be written that the command reads, or that another option writes. Outputs
/// without a path are none.
void check_files(const command_options& o, const std::vector<workload_choice>& workloads,
                 const std::vector<named_file>& outputs);

/// Throws `input_error` where intervals are asked for and their length is not told.
void check_intervals(const command_options& o);

/// Throws `input_error` where a trace is to be performed more than once and is no file that can be read again.
void check_repeat(const command_options& o);

/// Throws `input_error` where the run ends before its statistics begin.
void check_warmup(const command_options& o);

}  // namespace nestwalk::platforms
