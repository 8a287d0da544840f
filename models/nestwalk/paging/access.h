// What an access asks of translation: its type, on whose behalf, and why a second stage is asked.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"

namespace nestwalk::paging {

/// What an access does (SDM vol. 3, 4.6.1; APM vol. 2, 5.6).
enum class access_type : std::uint8_t { read, write, fetch };

/// Why a translation is asked, because faults report it (SDM vol. 3, table "Exit Qualification for EPT Violations";
/// APM vol. 2, 15.25.6): for the page of the access itself, for an entry of a guest table, or to set a flag in one.
enum class purpose : std::uint8_t { data_page, table_entry, flag_update };

/// Whose rights an access has: user-mode (CPL 3), supervisor-mode, or an explicit supervisor-mode access with EFLAGS.AC
/// set, which SMAP lets through. An implicit supervisor access (to the GDT, say) is `supervisor` at any CPL and AC.
enum class access_mode : std::uint8_t { user, supervisor, supervisor_ac };

/// One access to a linear address.
struct access {
  access_type type = access_type::read;
  access_mode mode = access_mode::supervisor;

  /// A number below `access_classes` that names type and mode together.
  constexpr unsigned index() const { return static_cast<unsigned>(type) * 3 + static_cast<unsigned>(mode); }
  constexpr bool user() const { return mode == access_mode::user; }
};

inline constexpr unsigned access_classes = 9;

/// The mode of an access made at `cpl` (0 to 3) with EFLAGS.AC as given; `implicit` for accesses to system structures.
constexpr access_mode mode_of(unsigned cpl, bool ac, bool implicit = false) {
  if (implicit) return access_mode::supervisor;
  if (cpl == 3) return access_mode::user;
  return ac ? access_mode::supervisor_ac : access_mode::supervisor;
}

}  // namespace nestwalk::paging
