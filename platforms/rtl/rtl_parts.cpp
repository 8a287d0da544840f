#include "platforms/rtl/rtl_parts.h"

namespace nestwalk::platforms {

const char* const how_to_get_rtl = "install the Debian package verilator and build again, as ./nestwalk cosim does";

}  // namespace nestwalk::platforms
