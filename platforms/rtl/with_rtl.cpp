#include "nestwalk/protocol/error.h"
#include "platforms/rtl/external_walker.h"
#include "platforms/rtl/rtl_parts.h"
#include "tb/rtl_executor.h"
#include "tb/rtl_walker.h"

namespace nestwalk::platforms {
namespace {

class rtl_module final : public external_walker {
 public:
  rtl_module(const char* name, const tb::rtl_walker_config& config) : walker_(name, config) {}
  protocol::translation_target_socket<paging::gva>& requests() override { return walker_.requests; }
  protocol::memory_initiator_socket& memory() override { return walker_.memory; }
  void describe(statistics::group& into) override { walker_.describe(into); }

 private:
  tb::rtl_walker walker_;
};

}  // namespace

bool has_rtl() {
  return true;
}

std::unique_ptr<vector_executor> make_rtl_executor() {
  return std::make_unique<tb::rtl_executor>();
}

std::unique_ptr<external_walker> make_rtl_walker(const char* name, const sc_core::sc_time& cycle, bool use_dmi) {
  tb::rtl_walker_config config;
  config.cycle = cycle;
  config.use_dmi = use_dmi;
  return std::make_unique<rtl_module>(name, config);
}

int run_cosim(const tb::cosim_options& options, std::ostream& out) {
  return tb::cosim(options, out);
}

int run_cost(const tb::cost_options& options, std::ostream& out) {
  if (!tb::yosys_is_installed()) throw input_error("cost needs Yosys: install the Debian package yosys");
  return tb::cost(options, out);
}

}  // namespace nestwalk::platforms
