// What is told of an image and of what its tables map, in words.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "nestwalk/image/mapped_range.h"
#include "platforms/image/image_state.h"

namespace nestwalk::platforms {

/// "ELF core", "LiME image", "raw memory".
const char* name_of(image::memory_image::format kind);
/// "512 B", "4.0 KiB", "29.8 MiB".
std::string size_text(std::uint64_t bytes);
/// The image, then the values of its machine with where each is from, and the remarks; some lines.
std::string state_text(const image_state& state, const image::memory_image& image);
/// The same as JSON: by group and name, the value and where it is from; and "remarks".
nlohmann::ordered_json state_json(const image_state& state);
/// Why a range that is not mapped is not: "not mapped", "reserved bit in a guest entry".
std::string trouble_of(const image::mapped_range& r);

}  // namespace nestwalk::platforms
