// Brings a device's machine to the point where a request can be told, and tells it.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "platforms/device/device_machine.h"

namespace nestwalk::platforms {

/// What `explain --device` asks: a request of one byte.
struct device_question {
  paging::vtd::request request;
  std::uint64_t address = 0;
  bool warm = false;                 ///< after a request to the neighbouring page, with what that left in the caches
  bool unmapped = false;             ///< the page is not mapped: its neighbour is
  std::vector<std::string> entries;  ///< changes of entries, as --entry names them
};

/// Has the driver map the page, makes the request once so that flags are set, empties every cache, changes the tables,
/// and prints the request's walk from the root table on: the table of `print_walk` with device entries as a stage, then
/// where the request goes, or why it is blocked and what was recorded. Throws `input_error` where no entry of a change
/// is on the way.
void explain_request(device_machine& m, device_mode mode, const device_question& q, std::ostream& out);

}  // namespace nestwalk::platforms
