// A conformance script for a remapping unit: steps of software and of devices, and what each must find.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nestwalk/paging/vtd_capabilities.h"

namespace nestwalk::platforms {

/// What a step does.
enum class script_operation : std::uint8_t {
  mem_write64,
  mem_read64,
  reg_write32,
  reg_write64,
  reg_read32,
  reg_read64,
  dma_write,
  dma_read,
};

/// What may come of a request: where it goes, and what it moves; or it is blocked.
struct dma_outcome {
  bool allowed = false;
  std::uint64_t hpa = 0;
  std::vector<std::uint8_t> data;
};

/// One step. Fields that its operation does not have are 0.
struct script_step {
  script_operation operation{};
  std::uint64_t address = 0;  ///< hpa, register offset or address of a request
  std::uint64_t value = 0;    ///< to write
  std::uint64_t mask = ~std::uint64_t{0};
  std::vector<std::uint64_t> accepted;  ///< of a read: any of these, under the mask
  std::uint16_t source = 0;
  std::vector<std::uint8_t> data;     ///< of a device's write
  unsigned length = 0;                ///< of a request
  std::vector<dma_outcome> outcomes;  ///< of a request: any of these
  bool only_if_pending = false;       ///< it counts where a fault record is pending
};

struct conformance_script {
  std::string id;
  std::string title;
  paging::vtd::unit_capabilities unit;
  std::vector<script_step> steps;
};

/// Reads one line. Where the specification's result differs from the reference's, that one is asked for. Throws
/// `input_error` for a line that makes no sense.
conformance_script parse_script(const std::string& line);

/// Whether a line is a script, and not a vector.
bool is_script(const std::string& line);

}  // namespace nestwalk::platforms
