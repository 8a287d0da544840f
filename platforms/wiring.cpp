#include "platforms/wiring.h"

namespace nestwalk::platforms {

std::vector<std::string> wiring::violations() const {
  std::vector<std::string> found;
  for (const auto& each : monitors_)
    if (!each->violations().empty()) found.push_back(std::string(each->name()) + ": " + each->violations().front());
  return found;
}

}  // namespace nestwalk::platforms
