#include "platforms/mode.h"

#include <vector>

#include "nestwalk/configuration/nearest.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

machine_mode mode_named(const std::string& name) {
  std::vector<std::string> names;
  for (const machine_mode mode : all_modes) {
    if (name == name_of(mode)) return mode;
    names.emplace_back(name_of(mode));
  }
  const std::string near = nestwalk::configuration::nearest_name(name, names);
  throw input_error("mode " + name + ": there is none of that name" +
                    (near.empty() ? ". " : "; did you mean " + near + "? ") + "The modes are native, shadow, nested.");
}

}  // namespace nestwalk::platforms
