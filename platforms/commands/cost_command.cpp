// What the RTL walker takes, and what it does for it.
#include <iostream>

#include "platforms/commands/commands.h"
#include "platforms/rtl/rtl_parts.h"

namespace nestwalk::platforms {

int cost_command(const command_options& o) {
  tb::cost_options what;
  if (!o.contexts.empty()) what.contexts = o.contexts;
  return run_cost(what, std::cout);
}

}  // namespace nestwalk::platforms
