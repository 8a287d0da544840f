// A workload on a machine that runs over the tables of an image.
#pragma once

#include "nestwalk/image/memory_image.h"
#include "platforms/image/image_state.h"
#include "platforms/run/job.h"

namespace nestwalk::platforms {

/// Runs the job in this process, which can do so once; as `run_job`, but for the mode, which the state says, and
/// `check`, which needs a guest kernel. A trace's addresses are taken as they are. A generated workload is put on pages
/// that its users may write (its code, on one that they may execute) and that the image has; a footprint beyond that is
/// cut to it, and the result's note says so. `ends_on_fault`: the first access that is not performed ends the run as an
/// error; else such are skipped and listed in the result's machine, as "skipped".
job_result run_image_job(job j, const image_state& state, image::memory_image& image, bool ends_on_fault,
                         const job_progress& progress);

}  // namespace nestwalk::platforms
