// For tests in which SystemC is to warn.
#pragma once

#include <string>
#include <vector>

#include <systemc>

namespace nestwalk::test {

/// While it lives, SystemC's warnings are kept here and fail no test. One at a time: SystemC has one handler.
class kept_warnings {
 public:
  kept_warnings() : before_(sc_core::sc_report_handler::get_handler()) {
    messages().clear();
    sc_core::sc_report_handler::set_handler(&keep);
  }
  ~kept_warnings() { sc_core::sc_report_handler::set_handler(before_); }
  kept_warnings(const kept_warnings&) = delete;
  kept_warnings& operator=(const kept_warnings&) = delete;

  const std::vector<std::string>& all() const { return messages(); }

 private:
  static std::vector<std::string>& messages() {
    static std::vector<std::string> kept;
    return kept;
  }
  static void keep(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
    if (report.get_severity() == sc_core::SC_WARNING)
      messages().emplace_back(report.get_msg());
    else
      sc_core::sc_report_handler::default_handler(report, actions);
  }

  sc_core::sc_report_handler_proc before_;
};

}  // namespace nestwalk::test
