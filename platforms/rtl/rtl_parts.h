// What the program has of the RTL walker. Every name here is there in a build without Verilator too.
#pragma once

#include <memory>
#include <ostream>

#include "platforms/conform/executor.h"
#include "tb/cosim.h"
#include "tb/cost.h"

namespace nestwalk::platforms {

/// Whether this build has the RTL walker.
bool has_rtl();
/// What to do to get it, for messages.
extern const char* const how_to_get_rtl;

/// Performs conformance vectors on the RTL walker. Throws `input_error`, with what to install, where there is none.
std::unique_ptr<vector_executor> make_rtl_executor();
/// Seeds of co-simulation, as tb::cosim(). Throws `input_error` likewise.
int run_cosim(const tb::cosim_options& options, std::ostream& out);
/// What it costs, as tb::cost(). Throws `input_error` likewise, for Yosys too.
int run_cost(const tb::cost_options& options, std::ostream& out);

}  // namespace nestwalk::platforms
