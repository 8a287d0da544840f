// The shadow's trees of tables in host memory, and what maps which guest page.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nestwalk/statistics/counter.h"
#include "nestwalk/vmm/guest_table_registry.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/host_allocator.h"
#include "nestwalk/vmm/reverse_map.h"
#include "nestwalk/vmm/shadow_root.h"
#include "nestwalk/vmm/shadow_table.h"

namespace nestwalk::vmm {

/// Makes, links and takes away tables and leaves, every entry read and written in host memory on the exit's time. A
/// guest page that becomes a table is write-protected in every root on the spot. Upper entries give every right: rights
/// stand in the leaves.
class shadow_tables {
 public:
  struct counters {
    statistics::counter tables_made = 0;
    statistics::counter tables_freed = 0;
    statistics::counter leaves_written = 0;
    statistics::counter leaves_cleared = 0;
    statistics::counter write_protected = 0;
  };

  shadow_tables(host& host, host_allocator& frames, guest_table_registry& registry)
      : host_(host), frames_(frames), registry_(registry) {}

  /// Gives `root` its top table, which stands for `place`.
  void plant(shadow_root& root, const guest_place& place);
  /// Takes all tables of `root` away. TLBs may still hold its entries: its tag is flushed before it is used again.
  void uproot(shadow_root& root);
  /// A table below slot `i` of `parent`, which is empty.
  shadow_table& extend(shadow_table& parent, unsigned i, const guest_place& place);
  /// Empties a slot: a leaf (TLBs may show it until the guest flushes), or all tables below (flushed before the root
  /// runs again, as the hardware may be on its way through them).
  void zap(shadow_table& table, unsigned i);
  /// Maps slot `i`, which holds no table, to the guest page `target` by `entry`. A leaf that was narrower, or none,
  /// needs no flush; otherwise the root is stale.
  void set_leaf(shadow_table& table, unsigned i, std::uint64_t entry, paging::gpa target);
  std::uint64_t entry(const shadow_table& table, unsigned i) { return host_.read(table.slot(i)); }

  /// No root maps the 4-KByte guest page writable afterwards, nor as a part of a large leaf.
  void write_protect(paging::gpa page);
  /// No root maps the 4-KByte guest page afterwards.
  void withdraw(paging::gpa page);

  const counters& counts() const { return counts_; }
  counters& counts() { return counts_; }

 private:
  std::unique_ptr<shadow_table> make(shadow_root& owner, unsigned level, const guest_place& place);
  void drop(shadow_table& table);
  void clear_leaf(shadow_table& table, unsigned i);
  void clear_large_leaves(paging::gpa page);
  void flush_all_stale();

  host& host_;
  host_allocator& frames_;
  guest_table_registry& registry_;
  reverse_map mappings_;
  std::vector<shadow_root*> roots_;  // those with tables
  counters counts_;
};

}  // namespace nestwalk::vmm
