// The machine that an image is the memory of: its registers, its second stage, and where each value is from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nestwalk/image/memory_image.h"
#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/protocol/vm_controls.h"
#include "platforms/image/image_choice.h"

namespace nestwalk::platforms {

/// Where a value is from.
enum class value_origin : std::uint8_t { given, note, assumed };

/// "given", "CPU note", "assumed".
const char* name_of(value_origin from);

/// One value as it is told: its name, itself, and where it is from.
struct stated_value {
  std::string group;  ///< "guest", "host" (its registers under NPT), "second stage" or "processor"
  std::string name;   ///< "CR3"
  std::string text;   ///< "0x547c000"
  value_origin from = value_origin::assumed;
};

/// All that translation hangs on.
struct image_state {
  paging::capabilities processor;
  paging::paging_registers guest;
  protocol::translation_controls controls;
  std::vector<stated_value> values;  ///< all of them, in the order in which they are told
  std::vector<std::string> remarks;  ///< what was left out of a value, in sentences

  bool nested() const { return controls.nested_paging; }
};

/// The state that the options and the image's notes give; `base` is the processor that a configuration describes.
/// Throws `input_error` where something is missing, or values do not go together.
image_state state_of(const image_choice& choice, const image::memory_image& image, const paging::capabilities& base);

/// Both stages as a walk takes them; PDPTEs of PAE paging are read from the image, 0 where they cannot be.
paging::domain domain_of(const image_state& state, const image::memory_image& image);

}  // namespace nestwalk::platforms
