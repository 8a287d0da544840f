// A change of a device-table entry, as `explain --device --entry` names it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nestwalk/paging/vtd_entries.h"

namespace nestwalk::platforms {

/// Bits that are set and cleared in an entry on the way of a request: by number, from bit 0 of the entry's first qword
/// on.
struct device_edit {
  std::string text;   ///< as it was written
  std::string entry;  ///< as `name_of` calls it
  std::vector<unsigned> set;
  std::vector<unsigned> clear;
};

/// The change that a text such as "PASID=-P" or "context=+FPD+70" names; nothing where it names no device-table entry.
/// Case does not matter, and a hyphen may stand for a blank. Throws `input_error` where the change is none.
std::optional<device_edit> parsed_device_edit(const std::string& text);

}  // namespace nestwalk::platforms
