// What the tests of the commands that read images share: the real machine's image, and runs over it.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/program_run.h"
#include "platforms/image/image_choice.h"

namespace nestwalk::platform_tests {

inline const std::string linux_image = NESTWALK_IMAGES "/linux-npt.elf.zst";
inline const std::vector<std::string> linux_options = {"--image",       linux_image,  "--cr3",    "0x547c000",
                                                       "--nested-root", "0x1f9ec000", "--nested", "npt"};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline outcome run_with(std::vector<std::string> command, const std::vector<std::string>& options) {
  command.insert(command.end(), options.begin(), options.end());
  return run_program(command);
}

inline std::uint64_t number(const nlohmann::json& text) {
  return std::stoull(text.get<std::string>(), nullptr, 16);
}

/// The choice that `linux_options` make.
inline platforms::image_choice linux_choice(unsigned physical_bits) {
  platforms::image_choice c;
  c.file = linux_image;
  c.cr3 = 0x547c000;
  c.nested_root = 0x1f9ec000;
  c.nested = "npt";
  c.physical_bits = physical_bits;
  return c;
}

}  // namespace nestwalk::platform_tests
