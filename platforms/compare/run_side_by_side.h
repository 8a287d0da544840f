// Several jobs, each in a process of its own.
#pragma once

#include <vector>

#include "platforms/run/job.h"

namespace nestwalk::platforms {

/// Runs the jobs, as many at a time as the host has cores, and returns their results in the order of the jobs. Jobs
/// that read standard input ("-"), or a trace that is a pipe or a device, all run at once and share one reading of it.
/// After Ctrl-C those under way end with what they have, and those not begun have empty, partial results. Needs an
/// `interruption` alive.
std::vector<job_result> run_side_by_side(const std::vector<job>& jobs, bool show_progress);

}  // namespace nestwalk::platforms
