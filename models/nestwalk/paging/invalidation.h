// What each invalidation selects: one generic selector, filled by one function per instruction.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/tags.h"

namespace nestwalk::paging {

/// Which cached mappings an operation takes away: those of the named kinds whose tags agree where a mask asks, and
/// which cover an address of the range.
struct selector {
  bool linear = false;
  bool combined = false;
  bool guest_physical = false;
  bool match_space = false;  ///< linear and combined mappings: only those of `tags.space`
  bool match_process =
      false;  ///< linear and combined mappings: only those of `tags.process`, and global ones by `globals`
  bool match_second = false;  ///< combined and guest-physical mappings: only those of `tags.second`
  bool globals = true;        ///< global mappings go too, whatever their PCID
  bool by_address = false;    ///< only mappings of a page that holds `first`..`last`; every fragment of a guest page
  bool walk_caches = true;    ///< walk caches of the kinds and tags named go too, whatever the address
  translation_tags tags;
  std::uint64_t first = 0;  ///< a gva (linear and combined) or a gpa (guest-physical)
  std::uint64_t last = ~std::uint64_t{0};

  bool takes(mapping_kind k) const {
    return k == mapping_kind::linear ? linear : k == mapping_kind::combined ? combined : guest_physical;
  }
  /// Whether a mapping's tags agree.
  bool tags_agree(const packed_tags& t, bool global) const {
    const mapping_kind kind = t.kind();
    if (match_second && kind != mapping_kind::linear && t.second() != tags.second) return false;
    if (kind == mapping_kind::guest_physical) return true;
    if (match_space && t.space() != tags.space) return false;
    if (global) return globals;
    return !match_process || t.process == tags.process;
  }
  /// Whether a mapping of the 2^`size_log2` bytes from `base` is touched by the range.
  bool covers(std::uint64_t base, unsigned size_log2) const {
    if (!by_address) return true;
    const std::uint64_t end = size_log2 >= 64 ? ~std::uint64_t{0} : base + ((std::uint64_t{1} << size_log2) - 1);
    return first <= end && base <= last;
  }
};

/// INVLPG: the address under the current PCID, globals included, and every walk-cache entry of that PCID (SDM vol. 3,
/// 4.10.4.1).
selector invlpg(gva address, const translation_tags& now);

/// MOV to CR3 without bit 63: the new PCID's mappings but globals (SDM vol. 3, 4.10.4.1). `pcid` is 0 without PCIDE.
selector mov_cr3(std::uint16_t pcid, const translation_tags& now);

/// A change of CR0.PG, CR4.PGE, PCIDE (1 to 0), SMEP (0 to 1), PAE, PSE, LA57 or EFER.NXE: everything of the VPID.
selector whole_vpid(const translation_tags& now);

/// INVPCID types (SDM vol. 2, INVPCID).
enum class invpcid_type : std::uint8_t { individual_address = 0, single_context = 1, all_with_globals = 2, all = 3 };
selector invpcid(invpcid_type type, std::uint16_t pcid, gva address, const translation_tags& now);

/// INVEPT types (SDM vol. 3, 30.3): guest-physical and combined mappings.
enum class invept_type : std::uint8_t { single_context = 1, all_context = 2 };
selector invept(invept_type type, std::uint64_t eptp);

/// INVVPID types (SDM vol. 3, 30.3): linear and combined mappings of a VPID, for every EPTP.
enum class invvpid_type : std::uint8_t {
  individual_address = 0,
  single_context = 1,
  all_context = 2,
  single_context_retaining_globals = 3
};
selector invvpid(invvpid_type type, std::uint16_t vpid, gva address);

/// VM entry or exit with VPID off: linear and combined mappings of VPID 0, for every EPTP (SDM vol. 3, 28.4.3.1).
selector vm_transition_without_vpid();

/// INVLPGA: the address under an ASID, globals included (APM vol. 2, 15.16.2).
selector invlpga(gva address, std::uint16_t asid);

/// Every mapping of every kind: a reset.
selector everything();

/// TLB_CONTROL of a VMRUN (APM vol. 2, table 15-9).
enum class tlb_control : std::uint8_t { nothing = 0, flush_all = 1, flush_asid = 3, flush_asid_keep_globals = 7 };
selector vmrun(tlb_control control, std::uint16_t asid);

/// What an EPT violation takes away by itself: mappings, of the current EPTP, that would be used for the address (SDM
/// vol. 3, 28.4.3.1).
selector ept_violation_guest_physical(gpa address, const translation_tags& now);
selector ept_violation_combined(gva address, const translation_tags& now);

/// What a #PF takes away by itself: the linear address under the current PCID (SDM vol. 3, 4.10.4.1).
selector page_fault(gva address, const translation_tags& now);

}  // namespace nestwalk::paging
