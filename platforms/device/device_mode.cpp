#include "platforms/device/device_mode.h"

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

device_mode device_mode_named(const std::string& name) {
  for (const device_mode mode : all_device_modes)
    if (name == name_of(mode)) return mode;
  throw input_error(
      fmt::format("--mode {}: with --device it is one of passthrough, first-stage, second-stage, nested", name));
}

}  // namespace nestwalk::platforms
