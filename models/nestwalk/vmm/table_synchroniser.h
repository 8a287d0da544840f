// Brings what the guest stored into its tables into the shadow.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/vmm/guest_memory_map.h"
#include "nestwalk/vmm/guest_table_registry.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/shadow_root.h"
#include "nestwalk/vmm/shadow_tables.h"
#include "nestwalk/vmm/vmm_config.h"

namespace nestwalk::vmm {

/// Compares guest entries with the leaves made from them. Narrowing a leaf leaves the root stale: TLBs may show the old
/// one until the guest flushes.
class table_synchroniser {
 public:
  struct counters {
    statistics::counter tables = 0;
    statistics::counter addresses = 0;
    statistics::counter entries_changed = 0;
    statistics::counter unsynced = 0;
  };

  table_synchroniser(const vmm_config& config, host& host, guest_memory_map& memory, shadow_tables& tables,
                     guest_table_registry& registry)
      : config_(config), host_(host), memory_(memory), tables_(tables), registry_(registry) {}

  /// Entry `index` of the guest table at `page` has become `now`; brought in wherever the table is used. A leaf that is
  /// present and accessed is filled, so that the access that follows need not fault.
  void entry_written(paging::gpa page, unsigned index, std::uint64_t before, std::uint64_t now);
  /// Leaves a leaf table writable: the shadow lags behind from here on.
  void let_lag(guest_table& table);
  /// Brings in a table that lags behind, wherever it is used, and protects it again.
  void bring_in(paging::gpa page);
  /// All tables that lag behind and are used under `root`.
  void bring_in_under(const shadow_root& root);
  /// The entry of a lagging table that translates `address` under `root`.
  void bring_in_address(const shadow_root& root, paging::gva address);

  const counters& counts() const { return counts_; }
  counters& counts() { return counts_; }

 private:
  void refresh(shadow_table& table, unsigned index, std::uint64_t guest_entry, bool fill);
  bool leaf_for(const shadow_table& table, std::uint64_t guest_entry, std::uint64_t& entry, paging::gpa& target) const;

  const vmm_config& config_;
  host& host_;
  guest_memory_map& memory_;
  shadow_tables& tables_;
  guest_table_registry& registry_;
  counters counts_;
};

}  // namespace nestwalk::vmm
