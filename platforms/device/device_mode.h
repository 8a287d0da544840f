// How the requests of a machine's devices are translated.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace nestwalk::platforms {

/// By no table; by the first stage's only, an operating system's on bare hardware; by the second stage's only, a
/// VMM's; by a guest's tables over a VMM's.
enum class device_mode : std::uint8_t { passthrough, first_stage, second_stage, nested };

inline constexpr std::array<device_mode, 4> all_device_modes = {device_mode::passthrough, device_mode::first_stage,
                                                                device_mode::second_stage, device_mode::nested};

/// A mode's name on the command line and in results.
constexpr const char* name_of(device_mode mode) {
  constexpr std::array<const char*, 4> names = {"passthrough", "first-stage", "second-stage", "nested"};
  return names[static_cast<std::size_t>(mode)];
}

/// The mode of that name. Throws `input_error` for any other.
device_mode device_mode_named(const std::string& name);

}  // namespace nestwalk::platforms
