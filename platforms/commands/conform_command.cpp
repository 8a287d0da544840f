// The conformance vectors.
#include <iostream>

#include "platforms/commands/commands.h"
#include "platforms/conform/conform.h"

namespace nestwalk::platforms {

int conform_command(const command_options& o) {
  return conform(o.files, all_executors(capabilities_in(o.files)), std::cout);
}

}  // namespace nestwalk::platforms
