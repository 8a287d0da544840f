// Which guest pages are page tables, as far as the shadow has walked them.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "nestwalk/paging/address.h"
#include "nestwalk/vmm/shadow_table.h"

namespace nestwalk::vmm {

/// A guest page that shadow tables are made from.
struct guest_table {
  paging::gpa page;
  std::vector<shadow_table*> uses;  ///< the shadow tables that stand for it, oldest first
  unsigned upper_uses = 0;          ///< of these, above level 1
  unsigned stores_unused = 0;       ///< stores emulated since a walk last came through
  bool unsynced = false;            ///< writable for the guest: the shadow may lag behind until the guest flushes
};

/// Guest tables by page; a page stays as long as it has a use.
class guest_table_registry {
 public:
  /// The table that `at` lies in, or null where it is no table.
  guest_table* find(paging::gpa at);
  const guest_table* find(paging::gpa at) const;
  /// Whether a mapping of the page may let the guest write.
  bool is_protected(paging::gpa at) const;
  /// Whether a table lies in the 2^`size_log2` (21 or 30) bytes around `at`.
  bool holds_table(paging::gpa at, unsigned size_log2) const;

  /// `table` stands for the guest table of its place. Whether that page was none before.
  bool add_use(shadow_table& table);
  void remove_use(shadow_table& table);

  void mark_unsynced(guest_table& table);
  void mark_synced(guest_table& table);
  /// Pages of the tables marked, the first marked first; a copy, as the caller changes it.
  std::vector<paging::gpa> unsynced() const { return unsynced_; }

 private:
  void count(paging::gpa page, int change);

  std::unordered_map<std::uint64_t, guest_table> tables_;      // by gpa >> 12
  std::unordered_map<std::uint64_t, std::uint64_t> in_block_;  // tables by block: gpa of the block | size_log2
  std::vector<paging::gpa> unsynced_;
};

}  // namespace nestwalk::vmm
