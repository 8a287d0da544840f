// The three machines that the program compares.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace nestwalk::platforms {

/// How the guest's addresses are translated: by its own tables on bare hardware; by tables that a VMM keeps in their
/// place; by its own tables and a second stage.
enum class machine_mode : std::uint8_t { native, shadow, nested };

inline constexpr std::array<machine_mode, 3> all_modes = {machine_mode::native, machine_mode::shadow,
                                                          machine_mode::nested};

/// A mode's name on the command line and in results.
constexpr const char* name_of(machine_mode mode) {
  constexpr std::array<const char*, 3> names = {"native", "shadow", "nested"};
  return names[static_cast<std::size_t>(mode)];
}

/// The mode of that name. Throws `input_error` for any other.
machine_mode mode_named(const std::string& name);

}  // namespace nestwalk::platforms
