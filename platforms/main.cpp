// SystemC owns main() and calls this.
#include <cstdlib>

#include <systemc>

#include "platforms/commands/program.h"

namespace {

// Before SystemC's main() prints its banner, which is no part of any command's output.
[[maybe_unused]] const int no_banner = setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);

}  // namespace

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions("/IEEE_Std_1666/deprecated", sc_core::SC_DO_NOTHING);
  return nestwalk::platforms::program(argc, argv);
}
