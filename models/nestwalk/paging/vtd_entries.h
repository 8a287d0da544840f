// The entries of a remapping unit's device tables as data: sizes, reserved bits, and the fault of each.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/vtd_capabilities.h"
#include "nestwalk/paging/vtd_fault.h"

namespace nestwalk::paging::vtd {

/// The kinds of entries that a walk of device tables reads (VT-d specification, 9.1 to 9.6). A scalable root entry has
/// two halves, each read as an entry of its own.
enum class entry_kind : std::uint8_t { root, context, sm_root, sm_context, pasid_directory, pasid_table };
inline constexpr unsigned entry_kinds = 6;

/// The qwords of an entry; those that its kind does not have are 0.
using entry = std::array<std::uint64_t, 8>;

/// What the bits of every kind of entry share, and those of the legacy context entry.
inline constexpr std::uint64_t present = 1u << 0;
inline constexpr std::uint64_t fault_processing_disable = 1u << 1;  ///< not of root entries

/// The legacy context entry (9.3).
namespace context_entry {
inline constexpr unsigned translation_type = 2;  ///< 2 bits of qword 0
inline constexpr unsigned address_width = 0;     ///< 3 bits of qword 1
inline constexpr unsigned domain = 8;            ///< 16 bits of qword 1
/// Values of the translation type.
inline constexpr unsigned untranslated_only = 0;
inline constexpr unsigned with_device_tlb = 1;
inline constexpr unsigned pass_through = 2;
}  // namespace context_entry

/// The scalable-mode context entry (9.4).
namespace sm_context_entry {
inline constexpr std::uint64_t dte = 1u << 2;
inline constexpr std::uint64_t paside = 1u << 3;
inline constexpr std::uint64_t pre = 1u << 4;
inline constexpr unsigned pdts = 9;                                ///< 3 bits of qword 0
inline constexpr std::uint64_t rid_pasid = 0xfffff;                ///< of qword 1
inline constexpr std::uint64_t rid_priv = std::uint64_t{1} << 20;  ///< of qword 1
}  // namespace sm_context_entry

/// The scalable-mode PASID table entry (9.6).
namespace pasid_entry {
inline constexpr unsigned address_width = 2;  ///< 3 bits of qword 0
inline constexpr std::uint64_t ssee = 1u << 5;
inline constexpr unsigned pgtt = 6;  ///< 3 bits of qword 0
inline constexpr std::uint64_t ssade = 1u << 9;
inline constexpr std::uint64_t domain = 0xffff;  ///< of qword 1
inline constexpr std::uint64_t pwsnp = 1u << 23;
inline constexpr std::uint64_t pgsnp = 1u << 24;
inline constexpr std::uint64_t cd = 1u << 25;
inline constexpr unsigned pat = 32;            ///< of qword 1: eight types of 4 bits
inline constexpr std::uint64_t sre = 1u << 0;  ///< of qword 2, as what follows
inline constexpr std::uint64_t ere = 1u << 1;
inline constexpr unsigned fspm = 2;  ///< 2 bits: 0 four levels, 1 five
inline constexpr std::uint64_t wpe = 1u << 4;
inline constexpr std::uint64_t nxe = 1u << 5;
inline constexpr std::uint64_t smep = 1u << 6;
inline constexpr std::uint64_t eafe = 1u << 7;
/// Values of PGTT.
inline constexpr unsigned first_stage = 1;
inline constexpr unsigned second_stage = 2;
inline constexpr unsigned nested = 3;
inline constexpr unsigned pass_through = 4;
}  // namespace pasid_entry

/// One kind of entry.
struct entry_format {
  std::uint8_t bytes = 8;
  entry reserved{};              ///< bits that must be 0 in a present entry, whatever else it says
  reason unreadable{};           ///< memory answered an error
  reason absent{};               ///< P is 0
  reason malformed{};            ///< a reserved bit is set
  bool disables_faults = false;  ///< it has an FPD bit

  bool is_malformed(const entry& e) const {
    std::uint64_t set = 0;
    for (unsigned i = 0; i < e.size(); ++i) set |= e[i] & reserved[i];
    return set != 0;
  }
};

/// Every kind of entry under a unit's capabilities: fields of what it cannot do are reserved.
using entry_formats = std::array<entry_format, entry_kinds>;
entry_formats formats_of(const unit_capabilities& unit);

/// Bits of a table pointer in an entry: those from 12 to the host address width.
constexpr std::uint64_t pointer_mask(const unit_capabilities& unit) {
  return ((std::uint64_t{1} << unit.host_bits) - 1) & ~std::uint64_t{0xfff};
}
/// Bits of a pointer that no address of this host has.
constexpr std::uint64_t beyond_host(const unit_capabilities& unit) {
  return ~((std::uint64_t{1} << unit.host_bits) - 1);
}

}  // namespace nestwalk::paging::vtd
