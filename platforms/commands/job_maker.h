// Jobs from what the command line said.
#pragma once

#include <string>
#include <vector>

#include "platforms/commands/command_options.h"
#include "platforms/run/job.h"

namespace nestwalk::platforms {

/// The workloads that the options name; those of a command without any where they name none.
std::vector<workload_choice> chosen_workloads(const command_options& o, bool comparing);

/// The machine's mode that the options name, or that of an image's machine.
machine_mode mode_of(const command_options& o);

/// Who reads the configuration of a command that runs these machines on these workloads.
unsigned readers_of(const std::vector<machine_mode>& modes, const std::vector<workload_choice>& workloads);

/// The configuration: `base`, then the named file, then --set. Throws `input_error` for what does not hold.
configuration make_configuration(const command_options& o, unsigned readers, const configuration& base = {});

}  // namespace nestwalk::platforms
