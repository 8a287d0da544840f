// Rules that configurations of several rooms have in common.
#pragma once

#include <string>

#include "nestwalk/configuration/description.h"

namespace nestwalk::configuration {

/// The keys "entries" and "ways" of a group, of a cache, a TLB or the like: ways divide the entries, unless either is 0
/// (not built; fully associative). Refers to both.
description::rule ways_divide_entries(const unsigned& entries, const unsigned& ways);

}  // namespace nestwalk::configuration
