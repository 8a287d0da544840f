// The walk of a device's request.
#pragma once

#include "platforms/commands/command_options.h"

namespace nestwalk::platforms {

/// `explain --device`: tells a request's walk from the root table on.
int explain_device(const command_options& o);

}  // namespace nestwalk::platforms
