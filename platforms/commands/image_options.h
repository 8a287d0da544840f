// The options that say what an image is the memory of.
#pragma once

#include <memory>

#include <CLI/CLI.hpp>

#include "nestwalk/image/memory_image.h"
#include "platforms/image/image_choice.h"

namespace nestwalk::platforms {

/// Adds --image and the options that go with it, a group of their own in the help; returns --image.
CLI::Option* add_image_options(CLI::App& command, image_choice& choice);

/// Opens the image, with a progress line on the terminal while it is unpacked unless `quiet`.
std::unique_ptr<image::memory_image> open_image(const image_choice& choice, bool quiet);

}  // namespace nestwalk::platforms
