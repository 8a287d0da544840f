// Which capabilities a remapping unit may report together.
#pragma once

#include <string>

#include "nestwalk/paging/vtd_capabilities.h"

namespace nestwalk::paging::vtd {

/// What is wrong with the capability registers of a unit of version `version` (VER): a capability without another that
/// it needs, a value that is none, or registers that stand on others (VT-d specification, 11.4.2 and 11.4.3). Begins
/// with the name of the register, "cap" or "ecap", and says what would be right; empty where nothing is wrong.
std::string contradiction_in(const unit_capabilities& unit, unsigned version);

}  // namespace nestwalk::paging::vtd
