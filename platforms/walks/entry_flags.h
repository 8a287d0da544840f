// The flags of table entries by the names of the manuals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::platforms {

/// The flags that are set in an entry: "P RW US A D", "R W X A D WB".
std::string entry_flags(paging::stage_kind stage, paging::nested_kind format, unsigned level, std::uint64_t value);
/// The bit of a flag that `entry_flags` names, whatever the case of its letters; nothing where it names none so.
std::optional<std::uint64_t> flag_named(paging::stage_kind stage, paging::nested_kind format, std::string_view name);
/// The flags that `flag_named` knows, for messages: "P, RW, US, PWT, PCD, A, D, PS, G, XD".
std::string flag_names(paging::stage_kind stage, paging::nested_kind format);

}  // namespace nestwalk::platforms
