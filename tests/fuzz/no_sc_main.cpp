// libFuzzer brings main(); the SystemC library still asks for this.
#include <systemc>

int sc_main(int, char**) {
  return 0;
}
