// One walk of the tables in an image, read by read.
#pragma once

#include "nestwalk/paging/address.h"
#include "platforms/commands/commands.h"
#include "platforms/configuration/configuration.h"

namespace nestwalk::platforms {

/// Prints where `at` goes by the tables of the image that the options name, on the hardware of `c`, and what would come
/// of the access. Throws `input_error` where the image or the options are to blame.
int explain_image(const command_options& o, paging::gva at, const configuration& c);

}  // namespace nestwalk::platforms
