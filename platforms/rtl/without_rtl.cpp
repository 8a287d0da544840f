// A build without Verilator: what needs the RTL walker says what to install.
#include <string>

#include "nestwalk/protocol/error.h"
#include "platforms/rtl/external_walker.h"
#include "platforms/rtl/rtl_parts.h"

namespace nestwalk::platforms {
namespace {

[[noreturn]] void refuse() {
  throw input_error(std::string("the RTL walker is not built: ") + how_to_get_rtl);
}

}  // namespace

bool has_rtl() {
  return false;
}

std::unique_ptr<vector_executor> make_rtl_executor() {
  refuse();
}

std::unique_ptr<external_walker> make_rtl_walker(const char*, const sc_core::sc_time&, bool) {
  refuse();
}

int run_cosim(const tb::cosim_options&, std::ostream&) {
  refuse();
}

int run_cost(const tb::cost_options&, std::ostream&) {
  throw input_error(std::string("cost needs Yosys (Debian package yosys) and the RTL walker: ") + how_to_get_rtl);
}

}  // namespace nestwalk::platforms
