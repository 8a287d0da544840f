// The conformance vectors.
#include <iostream>

#include "platforms/commands/commands.h"
#include "platforms/conform/conform.h"
#include "platforms/rtl/rtl_parts.h"

namespace nestwalk::platforms {

int conform_command(const command_options& o) {
  if (o.walker == "rtl") {
    std::vector<std::unique_ptr<vector_executor>> rtl;
    rtl.push_back(make_rtl_executor());
    return conform(o.files, rtl, std::cout);
  }
  return conform(o.files, all_executors(capabilities_in(o.files)), std::cout);
}

}  // namespace nestwalk::platforms
