#include "platforms/rtl/rtl_parts.h"
#include "tb/rtl_executor.h"

namespace nestwalk::platforms {

bool has_rtl() {
  return true;
}

std::unique_ptr<vector_executor> make_rtl_executor() {
  return std::make_unique<tb::rtl_executor>();
}

int run_cosim(const tb::cosim_options& options, std::ostream& out) {
  return tb::cosim(options, out);
}

}  // namespace nestwalk::platforms
