// Why a translation failed, with all that the manuals report of it.
#pragma once

#include <cstdint>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/paging/rights.h"

namespace nestwalk::paging {

/// What kind of fault or exit a translation ended in.
enum class fault_kind : std::uint8_t {
  none,
  general_protection,          ///< #GP(0) (non-canonical address; SDM vol. 1, 3.3.7.1)
  page_fault,                  ///< #PF (SDM vol. 3, 4.7; APM vol. 2, 8.2.15)
  ept_violation,               ///< SDM vol. 3, 28.3.3.2
  ept_misconfiguration,        ///< SDM vol. 3, 28.3.3.1
  nested_page_fault,           ///< #VMEXIT(NPF) (APM vol. 2, 15.25.6)
  page_modification_log_full,  ///< SDM vol. 3, 28.3.6
  remapping_fault,             ///< a second stage of a VT-d unit (VT-d, 7.1.3)
  memory_error,                ///< memory answered an error to a table read or write: a machine check on silicon
};

inline constexpr unsigned fault_kinds = 9;

/// A kind's name as statistics and vectors print it ("page_fault"), and as a reader is told of it ("#PF").
const char* name_of(fault_kind kind);
const char* title_of(fault_kind kind);

/// Why a walk ended without a mapping.
enum class walk_cause : std::uint8_t {
  none,
  not_admitted,    ///< the address is none that the tables translate
  not_present,     ///< an entry is not present
  malformed,       ///< a present entry breaks a rule of the format
  forbidden,       ///< the entries do not give the rights
  log_full,        ///< the page-modification log is full
  flag_unsnooped,  ///< a flag is due, and the stage says that none may be set
  memory_error,    ///< memory answered an error to the read or write of an entry
};

/// Which stage of the translation a fault or an entry belongs to.
enum class stage_kind : std::uint8_t { guest, nested };

/// #PF error code bits (SDM vol. 3, figure 4-12).
namespace pf {
inline constexpr std::uint32_t p = 1u << 0;     ///< a page-protection violation, not a non-present page
inline constexpr std::uint32_t wr = 1u << 1;    ///< the access was a write
inline constexpr std::uint32_t us = 1u << 2;    ///< the access was user-mode
inline constexpr std::uint32_t rsvd = 1u << 3;  ///< a reserved bit was set in an entry
inline constexpr std::uint32_t id = 1u << 4;    ///< the access was an instruction fetch
inline constexpr std::uint32_t pk = 1u << 5;    ///< a protection key forbids the access
}  // namespace pf

/// EPT-violation exit qualification bits (SDM vol. 3, table 27-7).
namespace ept_qualification {
inline constexpr std::uint64_t read = 1u << 0;                ///< the access was a data read
inline constexpr std::uint64_t write = 1u << 1;               ///< the access was a data write
inline constexpr std::uint64_t fetch = 1u << 2;               ///< the access was an instruction fetch
inline constexpr std::uint64_t readable = 1u << 3;            ///< the entries allow reads
inline constexpr std::uint64_t writable = 1u << 4;            ///< the entries allow writes
inline constexpr std::uint64_t executable = 1u << 5;          ///< the entries allow (supervisor-mode) fetches
inline constexpr std::uint64_t user_executable = 1u << 6;     ///< the entries allow user-mode fetches (MBEC only)
inline constexpr std::uint64_t linear_valid = 1u << 7;        ///< the guest-linear address is valid
inline constexpr std::uint64_t linear_translated = 1u << 8;   ///< the access was to the translation of that address
inline constexpr std::uint64_t linear_user = 1u << 9;         ///< advanced information: a user-mode linear address
inline constexpr std::uint64_t linear_writable = 1u << 10;    ///< advanced information: a read/write linear address
inline constexpr std::uint64_t linear_no_execute = 1u << 11;  ///< advanced information: an execute-disable address
}  // namespace ept_qualification

/// EXITINFO1 bits of a nested page fault beyond those of a #PF error code (APM vol. 2, 15.25.6).
namespace npf {
inline constexpr std::uint64_t final_address = std::uint64_t{1} << 32;  ///< while translating the final address
inline constexpr std::uint64_t guest_tables = std::uint64_t{1} << 33;   ///< while translating a guest table's address
}  // namespace npf

/// A failed translation: what happened, and what the architecture reports of it. Fields that the kind does not define
/// are zero. The codes are renderings of the rest (fault_report.h); an exception that a VMM injects has nothing else.
struct fault {
  fault_kind kind = fault_kind::none;
  walk_cause cause = walk_cause::none;
  stage_kind stage = stage_kind::guest;  ///< the stage whose entry, or whose rights, caused it
  purpose why = purpose::data_page;      ///< second stage: why it was asked
  access_type type = access_type::read;  ///< of the access to the linear address; of a second stage's own question
  std::uint8_t level = 0;                ///< level of the entry that ended the walk; 0 where no entry did
  std::uint8_t table_level = 0;          ///< second stage asked for a guest table: the level of that table's entries
  rights granted{0, 0};                  ///< what the entries gave until there, the one that ended the walk included
  gva linear;                            ///< #PF: CR2; EPT: guest-linear address, where valid
  gpa guest_physical;                    ///< EPT: guest-physical address; nested page fault: EXITINFO2
  hpa entry;                             ///< memory error: where memory answered an error

  std::uint32_t error_code = 0;     ///< #PF: the error code, `pf` bits
  std::uint64_t qualification = 0;  ///< EPT violation: exit qualification; nested page fault: EXITINFO1

  explicit operator bool() const { return kind != fault_kind::none; }
};

/// Memory answered an error to the entry of `level` at `entry`: to its read, or to the update of a flag.
fault memory_error(stage_kind stage, unsigned level, hpa entry, purpose why = purpose::table_entry);

}  // namespace nestwalk::paging
