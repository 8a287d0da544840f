// The shadow of one guest root: a tree of tables under a tag of its own.
#pragma once

#include <cstdint>
#include <memory>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/vmm/flush_debt.h"
#include "nestwalk/vmm/shadow_table.h"

namespace nestwalk::vmm {

/// What tells one shadow from another: where the guest's tables begin, the PCID that the guest thinks it runs under,
/// and the register bits that give its entries another meaning.
struct root_identity {
  paging::gpa table;
  std::uint16_t pcid = 0;
  unsigned mode = 0;

  friend bool operator==(const root_identity& a, const root_identity& b) {
    return a.table == b.table && a.pcid == b.pcid && a.mode == b.mode;
  }
};

/// Its TLB entries carry `tag`, which no other kept root has. Three kinds of flush:
///  * `must`: the VMM's own, due before this root runs again: rights or backing were taken away behind the guest's
///  back,
///    or a shadow table was freed;
///  * `stale`: entries were narrowed as the guest narrowed its own; TLBs may show the old ones until the guest flushes;
///  * `asked`: the guest flushed while another root ran; due when this one is loaded.
class shadow_root {
 public:
  root_identity identity;
  paging::guest_stage stage;  ///< the format of the guest's entries
  unsigned levels = 4;        ///< of the shadow
  std::uint16_t tag = 0;      ///< VPID or ASID
  std::uint64_t last_used = 0;
  std::unique_ptr<shadow_table> top;
  flush_debt must;
  flush_debt asked;
  bool stale = false;

  /// The linear address that slot `i` of `table` begins at: canonical.
  paging::gva address(const shadow_table& table, unsigned i) const {
    const std::uint64_t plain = table.base.value | std::uint64_t{i} << shadow_table::shift(table.level);
    const unsigned spare = 64 - shadow_table::shift(levels + 1);
    return paging::gva(static_cast<std::uint64_t>(static_cast<std::int64_t>(plain << spare) >> spare));
  }
};

}  // namespace nestwalk::vmm
