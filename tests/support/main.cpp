// The entry of every test program: SystemC owns main(), GoogleTest runs inside sc_main(), and a SystemC warning fails
// the test that caused it.
#include <gtest/gtest.h>
#include <systemc>

namespace {

void fail_on_warning(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  if (report.get_severity() == sc_core::SC_WARNING)
    ADD_FAILURE() << "SystemC warning: " << report.get_msg_type() << ": " << report.get_msg();
  sc_core::sc_report_handler::default_handler(report, actions);
}

}  // namespace

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions("/IEEE_Std_1666/deprecated", sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_handler(&fail_on_warning);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
