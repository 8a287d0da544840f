#include "nestwalk/vmm/store_emulator.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "nestwalk/protocol/error.h"

namespace nestwalk::vmm {

namespace {

constexpr unsigned entry_bytes = 8;

bool is_entry(const protocol::vm_exit& exit, paging::gpa target) {
  return exit.size == entry_bytes && target.value % entry_bytes == 0;
}

}  // namespace

store_emulator::answer store_emulator::store(protocol::vm_exit& exit, paging::gpa target) {
  guest_table* const table = registry_.find(target);
  if (table == nullptr || table->unsynced) return answer::ordinary;
  const bool entry = is_entry(exit, target);
  if (config_.shadow.policy == shadow_policy::out_of_sync && entry && table->upper_uses == 0) {
    synchroniser_.let_lag(*table);
    return answer::writable;
  }
  if (exit.stored == nullptr) {  // nothing to emulate: the instruction has to run, and the shadow to do without
    ++counts_.released_misfit;
    release(table->page);
    return answer::writable;
  }
  ++counts_.table_stores;
  if (entry) {
    emulate_entry(exit, target, *table);
  } else {
    ++counts_.released_misfit;
    write(exit, target);
    release(target.base(paging::page_4k));
  }
  return answer::emulated;
}

void store_emulator::emulate_entry(protocol::vm_exit& exit, paging::gpa target, guest_table& table) {
  const paging::gpa page = table.page;
  const std::uint64_t before = host_.read(memory_.provide(target).at);
  std::uint64_t now = 0;
  std::memcpy(&now, exit.stored, entry_bytes);
  write(exit, target);
  ++table.stores_unused;
  if (flooded(table)) {
    ++counts_.released_flood;
    release(page);
  } else {
    synchroniser_.entry_written(page, static_cast<unsigned>(target.offset(paging::page_4k) / entry_bytes), before, now);
  }
}

bool store_emulator::flooded(const guest_table& table) const {
  const unsigned most = table.upper_uses != 0 ? config_.shadow.upper_stores_unused : config_.shadow.leaf_stores_unused;
  return table.stores_unused > most;
}

void store_emulator::perform(protocol::vm_exit& exit, paging::gpa target) {
  if (exit.stored == nullptr)
    throw input_error("shadow paging: an access has to be emulated whose store the core does not report");
  ++counts_.other_stores;
  write(exit, target);
}

void store_emulator::perform_across(const protocol::vm_exit& exit, const crossing& targets) {
  const auto first = static_cast<unsigned>((1u << paging::page_4k) - targets.first.offset(paging::page_4k));
  host_.execute(config_.instructions.emulation);
  host_.write_block(memory_.provide(targets.first).at, exit.stored, first);
  host_.write_block(memory_.provide(targets.beyond).at, exit.stored + first, exit.size - first);
  const bool one = release_misfit(targets.first);
  const bool other = release_misfit(targets.beyond);
  ++(one || other ? counts_.table_stores : counts_.other_stores);
}

bool store_emulator::release_misfit(paging::gpa target) {
  if (!registry_.is_protected(target)) return false;
  ++counts_.released_misfit;
  release(target.base(paging::page_4k));
  return true;
}

void store_emulator::write(const protocol::vm_exit& e, paging::gpa target) {
  host_.execute(config_.instructions.emulation);
  host_.write_block(memory_.provide(target).at, e.stored, e.size);
}

// The root that runs keeps its top table: it goes on being protected, with nothing below.
void store_emulator::release(paging::gpa page) {
  const shadow_table* const pinned = roots_.current().top.get();
  while (const guest_table* const table = registry_.find(page)) {
    const auto use = std::find_if(table->uses.begin(), table->uses.end(), [&](auto* u) { return u != pinned; });
    if (use == table->uses.end()) break;
    shadow_table& shadow = **use;
    if (shadow.parent == nullptr)
      roots_.release(*shadow.owner);
    else
      tables_.zap(*shadow.parent, shadow.index);
  }
  guest_table* const kept = registry_.find(page);
  if (kept == nullptr) return;
  kept->stores_unused = 0;
  for (unsigned i = 0; i < shadow_table::entries; ++i) tables_.zap(*roots_.current().top, i);
}

}  // namespace nestwalk::vmm
