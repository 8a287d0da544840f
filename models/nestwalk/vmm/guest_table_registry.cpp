#include "nestwalk/vmm/guest_table_registry.h"

#include <algorithm>

namespace nestwalk::vmm {

namespace {

constexpr std::uint64_t page_number(paging::gpa at) {
  return at.value >> paging::page_4k;
}

constexpr std::uint64_t block_key(paging::gpa at, unsigned size_log2) {
  return at.base(size_log2).value | size_log2;
}

}  // namespace

guest_table* guest_table_registry::find(paging::gpa at) {
  const auto found = tables_.find(page_number(at));
  return found == tables_.end() ? nullptr : &found->second;
}

const guest_table* guest_table_registry::find(paging::gpa at) const {
  const auto found = tables_.find(page_number(at));
  return found == tables_.end() ? nullptr : &found->second;
}

bool guest_table_registry::is_protected(paging::gpa at) const {
  const guest_table* const table = find(at);
  return table != nullptr && !table->unsynced;
}

bool guest_table_registry::holds_table(paging::gpa at, unsigned size_log2) const {
  return in_block_.find(block_key(at, size_log2)) != in_block_.end();
}

void guest_table_registry::count(paging::gpa page, int change) {
  for (unsigned size : {paging::page_2m, paging::page_1g}) {
    const auto block = in_block_.try_emplace(block_key(page, size), 0).first;
    if (change > 0)
      ++block->second;
    else if (--block->second == 0)
      in_block_.erase(block);
  }
}

bool guest_table_registry::add_use(shadow_table& table) {
  const paging::gpa page = *table.place.table;
  const auto [found, is_new] = tables_.try_emplace(page_number(page));
  guest_table& entry = found->second;
  entry.page = page;
  entry.uses.push_back(&table);
  if (table.level > 1) ++entry.upper_uses;
  if (is_new) count(page, +1);
  return is_new;
}

void guest_table_registry::remove_use(shadow_table& table) {
  const auto found = tables_.find(page_number(*table.place.table));
  guest_table& entry = found->second;
  entry.uses.erase(std::find(entry.uses.begin(), entry.uses.end(), &table));
  if (table.level > 1) --entry.upper_uses;
  if (!entry.uses.empty()) return;
  if (entry.unsynced) mark_synced(entry);
  count(entry.page, -1);
  tables_.erase(found);
}

void guest_table_registry::mark_unsynced(guest_table& table) {
  if (!table.unsynced) unsynced_.push_back(table.page);
  table.unsynced = true;
}

void guest_table_registry::mark_synced(guest_table& table) {
  table.unsynced = false;
  unsynced_.erase(std::find(unsynced_.begin(), unsynced_.end(), table.page));
}

}  // namespace nestwalk::vmm
