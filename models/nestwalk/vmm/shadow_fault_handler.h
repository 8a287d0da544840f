// What becomes of a #PF under shadow paging: the guest's own is reflected, a hidden one fills the shadow.
#pragma once

#include <cstdint>

#include "nestwalk/paging/walk.h"
#include "nestwalk/protocol/vm_exit.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/vmm/guest_memory_map.h"
#include "nestwalk/vmm/guest_table_registry.h"
#include "nestwalk/vmm/guest_walk.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/shadow_entry.h"
#include "nestwalk/vmm/shadow_registers.h"
#include "nestwalk/vmm/shadow_roots.h"
#include "nestwalk/vmm/shadow_tables.h"
#include "nestwalk/vmm/store_emulator.h"
#include "nestwalk/vmm/table_synchroniser.h"

namespace nestwalk::vmm {

/// Walks the guest's tables as the hardware would for the access, flags included. Where that faults, the guest gets the
/// fault; else the entry that was missing or too narrow in the shadow is made, of the largest size that guest page,
/// backing and write-protected tables allow; an access that no entry can allow is emulated.
class shadow_fault_handler {
 public:
  struct counters {
    statistics::counter reflected = 0;
    statistics::counter fills = 0;
    statistics::counter splintered = 0;
    statistics::counter supervisor_only = 0;
  };

  shadow_fault_handler(host& host, guest_memory_map& memory, shadow_registers& registers,
                       guest_table_registry& registry, shadow_tables& tables, shadow_roots& roots,
                       table_synchroniser& synchroniser, store_emulator& stores)
      : host_(host),
        memory_(memory),
        registers_(registers),
        registry_(registry),
        tables_(tables),
        roots_(roots),
        synchroniser_(synchroniser),
        stores_(stores) {}

  void handle(protocol::vm_exit& exit);

  const counters& counts() const { return counts_; }
  counters& counts() { return counts_; }

 private:
  using guest_walk = paging::walk<paging::gva, paging::gpa>;

  guest_walk walked(paging::gva linear, const paging::access& access, const paging::guest_stage& stage,
                    guest_path& path);
  store_emulator::answer store(protocol::vm_exit& exit, paging::gpa target);
  void perform(protocol::vm_exit& exit, paging::gpa target);
  void perform_across(protocol::vm_exit& exit);
  std::uint64_t fill(paging::gva linear, const paging::access& access, const guest_walk& walk, const guest_path& path);
  shadow_table& mirror(paging::gva linear, const guest_walk& walk, const guest_path& path, unsigned leaf_level);
  shadow_table& splinter(shadow_table& table, paging::gva linear, unsigned leaf_level);
  shadow_table& below(shadow_table& table, paging::gva linear, const guest_place& place);
  void used(const shadow_table& table);
  unsigned leaf_size(unsigned guest_log2, unsigned backing_log2, paging::gpa target) const;
  write_right writes(const paging::access& access, paging::rights granted, paging::gpa target) const;
  bool hardware_permits(const paging::access& access, std::uint64_t entry) const;

  host& host_;
  guest_memory_map& memory_;
  shadow_registers& registers_;
  guest_table_registry& registry_;
  shadow_tables& tables_;
  shadow_roots& roots_;
  table_synchroniser& synchroniser_;
  store_emulator& stores_;
  counters counts_;
};

}  // namespace nestwalk::vmm
