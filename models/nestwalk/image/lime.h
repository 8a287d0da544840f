// Images of LiME, the Linux memory extractor.
#pragma once

#include "nestwalk/image/file_bytes.h"
#include "nestwalk/image/layout.h"

namespace nestwalk::image {

/// Whether the file begins as a LiME image does.
bool is_lime(const file_bytes& file);

/// Reads the headers of a LiME image, version 1: ranges one after the other, each behind a header of 32 bytes. Throws
/// `input_error` for another version, and for one that is cut off or damaged.
layout read_lime(const file_bytes& file);

}  // namespace nestwalk::image
