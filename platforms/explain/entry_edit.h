// A change of table entries, as `explain --entry` names it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::platforms {

/// Bits that are set and cleared in an entry on the way of a walk, or in all of a stage.
struct entry_edit {
  std::string text;  ///< as it was written
  paging::stage_kind stage = paging::stage_kind::guest;
  std::optional<unsigned> level;   ///< of the entry; without one every entry of the stage
  std::optional<unsigned> holder;  ///< nested: of the guest entry in whose page's tables; else in the data page's
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
};

/// The change that a text such as "PTE=-RW+51", "EPT PDE=-W", "EPT PTE of PDE=-A" or "guest=-A-D" names. Entries and
/// flags are named as tables of walks print them, bits by number too; a blank in an entry's name may be a hyphen, and
/// case does not matter. "guest" and "nested" are all entries of a stage on the way, of the data page's way and of
/// every table page's. `second`: the format of the second stage, where there is one. Throws `input_error`.
entry_edit parsed_edit(const std::string& text, std::optional<paging::nested_kind> second);

}  // namespace nestwalk::platforms
