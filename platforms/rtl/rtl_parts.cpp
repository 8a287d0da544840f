#include "platforms/rtl/rtl_parts.h"

namespace nestwalk::platforms {

const char* const how_to_get_rtl =
    "install the Debian packages verilator and zlib1g-dev and build again, as ./nestwalk cosim does";

}  // namespace nestwalk::platforms
