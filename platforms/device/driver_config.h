// How the driver of a machine's devices translates their requests.
#pragma once

#include <cstdint>

#include "nestwalk/paging/format.h"

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::platforms {

/// The device tables that the driver makes.
enum class device_table_format : std::uint8_t { legacy, scalable };

/// What the driver's tables look like.
struct driver_config {
  device_table_format tables = device_table_format::scalable;
  unsigned first_levels = 4;   ///< of first-stage tables: 4 or 5
  unsigned second_levels = 4;  ///< of second-stage tables: 3, 4 or 5
  unsigned first_page_log2 = paging::page_4k;
  unsigned second_page_log2 = paging::page_4k;
};

/// Its keys. They are read by machines of devices.
void describe(const nestwalk::configuration::group& into, driver_config& c);

}  // namespace nestwalk::platforms
