// Performs stores that the shadow keeps the guest from doing itself.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/protocol/vm_exit.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/vmm/guest_memory_map.h"
#include "nestwalk/vmm/guest_table_registry.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/shadow_roots.h"
#include "nestwalk/vmm/shadow_tables.h"
#include "nestwalk/vmm/table_synchroniser.h"
#include "nestwalk/vmm/vmm_config.h"

namespace nestwalk::vmm {

/// Stores to guest tables are written to guest memory and brought into the shadow, or, under `out_of_sync`, let through
/// from the first one to a leaf table on. A page whose stores are no entries of a table, or follow one another without
/// a walk in between, is a table no more: its shadow is dropped and the page is the guest's to write.
class store_emulator {
 public:
  enum class answer : std::uint8_t {
    ordinary,  ///< the page is no table, or one that may be written: nothing done
    writable,  ///< the page is writable from now on: the guest is to try again
    emulated,  ///< done, with the shadow brought up to date; the exit says to skip the instruction
  };
  struct counters {
    statistics::counter table_stores = 0;
    statistics::counter other_stores = 0;
    statistics::counter released_misfit = 0;
    statistics::counter released_flood = 0;
  };

  store_emulator(const vmm_config& config, host& host, guest_memory_map& memory, guest_table_registry& registry,
                 shadow_tables& tables, shadow_roots& roots, table_synchroniser& synchroniser)
      : config_(config),
        host_(host),
        memory_(memory),
        registry_(registry),
        tables_(tables),
        roots_(roots),
        synchroniser_(synchroniser) {}

  /// A write that the guest's rights allow, to `target`.
  answer store(protocol::vm_exit& exit, paging::gpa target);
  /// A store to a page that is no table and that no shadow entry can allow.
  void perform(protocol::vm_exit& exit, paging::gpa target);

  /// A store that crosses a page: where its bytes go from the first on, and those beyond the page's end.
  struct crossing {
    paging::gpa first;
    paging::gpa beyond;
  };
  /// Performs it; tables that it touches are tables no more, as it is no entry of theirs.
  void perform_across(const protocol::vm_exit& exit, const crossing& targets);

  const counters& counts() const { return counts_; }
  counters& counts() { return counts_; }

 private:
  void emulate_entry(protocol::vm_exit& exit, paging::gpa target, guest_table& table);
  void write(const protocol::vm_exit& exit, paging::gpa target);
  bool release_misfit(paging::gpa target);
  bool flooded(const guest_table& table) const;
  void release(paging::gpa page);

  const vmm_config& config_;
  host& host_;
  guest_memory_map& memory_;
  guest_table_registry& registry_;
  shadow_tables& tables_;
  shadow_roots& roots_;
  table_synchroniser& synchroniser_;
  counters counts_;
};

}  // namespace nestwalk::vmm
