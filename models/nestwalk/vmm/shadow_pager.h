// Shadow paging: the hardware walks the VMM's tables, which follow the guest's.
#pragma once

#include "nestwalk/protocol/vm_exit.h"
#include "nestwalk/vmm/guest_memory_map.h"
#include "nestwalk/vmm/guest_table_registry.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/host_allocator.h"
#include "nestwalk/vmm/pager.h"
#include "nestwalk/vmm/shadow_fault_handler.h"
#include "nestwalk/vmm/shadow_registers.h"
#include "nestwalk/vmm/shadow_roots.h"
#include "nestwalk/vmm/shadow_tables.h"
#include "nestwalk/vmm/store_emulator.h"
#include "nestwalk/vmm/table_synchroniser.h"
#include "nestwalk/vmm/vmm_config.h"

namespace nestwalk::vmm {

/// Answers the exits by which a VMM learns what the guest does to its translation, and loads the shadow root that goes
/// with the guest's registers. The parts do the work.
class shadow_pager : public pager {
 public:
  shadow_pager(const vmm_config& config, host& host, host_allocator& frames, guest_memory_map& memory);

  void start() override;
  void handle(protocol::vm_exit& exit) override;
  void withdraw(paging::gpa page) override { tables_.withdraw(page); }
  void resume() override { roots_.settle(); }
  void describe(statistics::group& into) override;

 private:
  void write_register(protocol::vm_exit& exit);
  void load_cr3(protocol::vm_exit& exit);
  void invalidate(protocol::vm_exit& exit);
  void load_root();
  void write_controls();
  static void refuse(protocol::vm_exit& exit);

  const vmm_config& config_;
  host& host_;
  shadow_registers registers_;
  guest_table_registry registry_;
  shadow_tables tables_;
  table_synchroniser synchroniser_;
  shadow_roots roots_;
  store_emulator stores_;
  shadow_fault_handler faults_;
};

}  // namespace nestwalk::vmm
