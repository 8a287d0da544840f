#include "platforms/device/driver_config.h"

#include <string>

#include "nestwalk/configuration/group.h"

namespace nestwalk::platforms {
namespace {

void describe_page(const nestwalk::configuration::group& into, const std::string& name, const std::string& about,
                   unsigned& log2) {
  into.choice<unsigned>(name, {{"4k", paging::page_4k}, {"2m", paging::page_2m}, {"1g", paging::page_1g}}, about, log2);
}

}  // namespace

void describe(const nestwalk::configuration::group& into, driver_config& c) {
  into.choice<device_table_format>(
      "tables", {{"legacy", device_table_format::legacy}, {"scalable", device_table_format::scalable}},
      "device tables that the driver makes; legacy ones have no PASIDs and no first stage", c.tables);
  into.whole("first_levels", "levels", {4, 5}, "levels of the first-stage tables that the driver makes",
             c.first_levels);
  into.whole("second_levels", "levels", {3, 5}, "levels of the second-stage tables that the driver makes",
             c.second_levels);
  describe_page(into, "first_page", "size of the pages that the driver maps in the first stage", c.first_page_log2);
  describe_page(into, "second_page", "size of the pages that the driver maps in the second stage", c.second_page_log2);
}

}  // namespace nestwalk::platforms
