#include "nestwalk/vmm/shadow_pager.h"

#include <stdexcept>
#include <string>

#include "nestwalk/paging/invalidation_check.h"
#include "nestwalk/paging/register_flush.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::vmm {

namespace {

using protocol::control_register;
using protocol::exit_action;
using protocol::exit_reason;

bool same_controls(const protocol::vm_controls& a, const protocol::vm_controls& b) {
  return a.cr0_shadow == b.cr0_shadow && a.cr4_shadow == b.cr4_shadow && a.translation.vpid == b.translation.vpid;
}

}  // namespace

shadow_pager::shadow_pager(const vmm_config& config, host& host, host_allocator& frames, guest_memory_map& memory)
    : config_(config),
      host_(host),
      registers_(host, config.processor),
      tables_(host, frames, registry_),
      synchroniser_(config, host, memory, tables_, registry_),
      roots_(config.shadow.kept_roots, host, tables_, synchroniser_),
      stores_(config, host, memory, registry_, tables_, roots_, synchroniser_),
      faults_(host, memory, registers_, registry_, tables_, roots_, synchroniser_, stores_) {}

void shadow_pager::start() {
  registers_.start();
  protocol::vm_controls c = host_.controls();
  c.virtualised = true;
  c.exception_bitmap = 1u << protocol::page_fault_vector;
  c.cr3_load_exiting = true;
  c.invlpg_exiting = true;
  c.invpcid_exiting = true;
  c.efer_write_exiting = true;
  c.translation.nested_paging = false;
  c.translation.vpid_on = true;
  c.translation.vpid = 0;
  registers_.describe(c);
  host_.write_controls(c);
  load_root();
}

void shadow_pager::load_root() {
  const paging::guest_stage stage = registers_.guest_stage();
  guest_place place;
  if (registers_.paging_on()) place.table = stage.root;
  roots_.load({stage.root, registers_.pcid(), registers_.mode()}, stage, registers_.levels(), place);
  registers_.load(roots_.current().top->page);
  write_controls();
}

void shadow_pager::write_controls() {
  protocol::vm_controls c = host_.controls();
  registers_.describe(c);
  c.translation.vpid = roots_.current().tag;
  if (!same_controls(c, host_.controls())) host_.write_controls(c);
}

void shadow_pager::refuse(protocol::vm_exit& exit) {
  exit.injected = paging::fault{};
  exit.injected.kind = paging::fault_kind::general_protection;
  exit.action = exit_action::inject;
}

void shadow_pager::handle(protocol::vm_exit& exit) {
  registers_.refresh();
  switch (exit.reason) {
    case exit_reason::exception:
      host_.execute(config_.instructions.page_fault);
      faults_.handle(exit);
      return;
    case exit_reason::control_register_write:
      if (exit.which == control_register::cr3)
        load_cr3(exit);
      else
        write_register(exit);
      return;
    case exit_reason::efer_write:
      exit.which = control_register::efer;
      write_register(exit);
      return;
    case exit_reason::invlpg:
    case exit_reason::invpcid: invalidate(exit); return;
    case exit_reason::ept_violation:
    case exit_reason::ept_misconfiguration:
    case exit_reason::nested_page_fault:
    case exit_reason::page_modification_log_full: break;
  }
  throw std::logic_error(std::string("vmm: no handler under shadow paging for the exit ") +
                         protocol::name_of(exit.reason));
}

void shadow_pager::load_cr3(protocol::vm_exit& exit) {
  host_.execute(config_.instructions.root_load);
  if (!registers_.write(control_register::cr3, exit.value)) {
    refuse(exit);
    return;
  }
  load_root();
  if (paging::flush_by_cr3(registers_.visible(), exit.value, {})) roots_.flush_pcid(registers_.pcid());
  exit.action = exit_action::skip;
}

void shadow_pager::write_register(protocol::vm_exit& exit) {
  host_.execute(config_.instructions.register_write);
  const paging::paging_registers before = registers_.visible();
  if (!registers_.write(exit.which, exit.value)) {
    refuse(exit);
    return;
  }
  load_root();
  if (paging::flush_by_change(before, registers_.visible(), {})) roots_.flush_every();
  exit.action = exit_action::skip;
}

void shadow_pager::invalidate(protocol::vm_exit& exit) {
  host_.execute(config_.instructions.invalidation);
  exit.action = exit_action::skip;
  if (exit.reason == exit_reason::invlpg) {
    if (!paging::ignores_invlpg(exit.linear, config_.processor))
      roots_.flush_address(registers_.pcid(), exit.linear, registers_.global_pages());
    return;
  }
  if (paging::refuses_invpcid(registers_.visible(), config_.processor, exit.invpcid, exit.pcid, exit.linear)) {
    refuse(exit);
    return;
  }
  switch (exit.invpcid) {
    case paging::invpcid_type::individual_address: roots_.flush_address(exit.pcid, exit.linear, false); return;
    case paging::invpcid_type::single_context: roots_.flush_pcid(exit.pcid); return;
    case paging::invpcid_type::all_with_globals:
    case paging::invpcid_type::all: roots_.flush_every(); return;
  }
}

void shadow_pager::describe(statistics::group& into) {
  into.add("fills", "entries", "Hidden page faults that filled a shadow leaf.", faults_.counts().fills);
  into.add("splintered", "entries", "Fills that cover less than the guest's page.", faults_.counts().splintered);
  into.add("reflected", "faults", "Page faults that the guest itself has to handle, handed on to it.",
           faults_.counts().reflected);
  into.add("supervisor_only", "entries", "Fills that let the supervisor write a read-only page (CR0.WP = 0).",
           faults_.counts().supervisor_only);
  into.add("table_stores", "stores", "Emulated stores to guest tables.", stores_.counts().table_stores);
  into.add("other_stores", "stores", "Other emulated stores, which no shadow entry can allow.",
           stores_.counts().other_stores);
  into.add("released_misfit", "tables", "Guest pages no longer taken for tables because of a store that is no entry.",
           stores_.counts().released_misfit);
  into.add("released_flood", "tables",
           "Guest pages no longer taken for tables because of many stores with no walk between them.",
           stores_.counts().released_flood);
  into.add("unsynced", "tables", "Leaf tables made writable at their first store.", synchroniser_.counts().unsynced);
  into.add("synced_tables", "tables", "Writable leaf tables that were synchronised and protected again.",
           synchroniser_.counts().tables);
  into.add("synced_addresses", "entries", "Entries of writable leaf tables that were synchronised for one address.",
           synchroniser_.counts().addresses);
  into.add("tables_made", "tables", "Shadow tables made.", tables_.counts().tables_made);
  into.add("tables_freed", "tables", "Shadow tables freed.", tables_.counts().tables_freed);
  into.add("leaves_written", "entries", "Shadow leaves written.", tables_.counts().leaves_written);
  into.add("leaves_cleared", "entries", "Shadow leaves cleared.", tables_.counts().leaves_cleared);
  into.add("write_protected", "entries", "Shadow leaves made read-only because they map a guest table.",
           tables_.counts().write_protected);
  into.add("roots_made", "roots", "Shadow roots made.", roots_.counts().made);
  into.add("roots_reused", "roots", "Loads of CR3 that found their shadow root kept.", roots_.counts().reused);
  into.add("roots_evicted", "roots", "Shadow roots dropped to make room.", roots_.counts().evicted);
  into.add("roots_released", "roots", "Shadow roots dropped because their guest root is no longer taken for a table.",
           roots_.counts().released);
}

}  // namespace nestwalk::vmm
