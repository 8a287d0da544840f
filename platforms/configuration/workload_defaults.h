// What the keys of a workload are where nobody sets them: each generator has defaults of its own.
#pragma once

#include <string>

#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key.h"

namespace nestwalk::platforms {

/// What `k` is by default where the generator called `name` runs; nothing where that generator does not read it.
value default_of(const key& k, const std::string& name);

/// Sets every key that the generator called `name` reads and that is not set.
void set_defaults(configuration& c, const std::string& name);

}  // namespace nestwalk::platforms
