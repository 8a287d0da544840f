#include "nestwalk/vmm/table_synchroniser.h"

#include <algorithm>
#include <array>

#include "nestwalk/paging/format.h"
#include "nestwalk/paging/stage_rules.h"
#include "nestwalk/vmm/shadow_entry.h"

namespace nestwalk::vmm {

namespace {

constexpr unsigned entry_bytes = 8;
constexpr unsigned page_bytes = 4096;
// Ignored by the hardware, for the guest's software to use (SDM vol. 3, table 4-20).
constexpr std::uint64_t software_bits = std::uint64_t{7} << 9;

bool still_used(const guest_table_registry& registry, paging::gpa page, const shadow_table* use) {
  const guest_table* const table = registry.find(page);
  return table != nullptr && std::find(table->uses.begin(), table->uses.end(), use) != table->uses.end();
}

}  // namespace

// The leaf that a level-1 guest entry asks for; none where an access would fault or still has to set the accessed flag.
bool table_synchroniser::leaf_for(const shadow_table& table, std::uint64_t guest_entry, std::uint64_t& entry,
                                  paging::gpa& target) const {
  const paging::guest_stage& stage = table.owner->stage;
  const paging::format& f = stage.format;
  if ((guest_entry & f.present) == 0 || (guest_entry & f.accessed) == 0 || f.malformed(guest_entry, 1, true))
    return false;
  target = paging::gpa(f.page_of(guest_entry, 1));
  const auto backing = memory_.find(target);
  if (!backing) return false;
  guest_leaf leaf{guest_entry, 1, {}};
  leaf.granted = f.granted(table.place.gathered & (guest_entry ^ f.invert), guest_entry);
  if ((guest_entry & f.dirty) != 0)
    leaf.granted.bits = static_cast<std::uint8_t>(leaf.granted.bits | paging::rights::dirty);
  const write_right writes = registry_.is_protected(target) ? write_right::withheld : write_right::as_guest;
  entry = shadow_entry(leaf, backing->at, paging::page_4k, writes, false);
  return true;
}

void table_synchroniser::refresh(shadow_table& table, unsigned index, std::uint64_t guest_entry, bool fill) {
  if (!table.has_leaf(index) && !fill) return;
  std::uint64_t entry = 0;
  paging::gpa target;
  if (leaf_for(table, guest_entry, entry, target))
    tables_.set_leaf(table, index, entry, target);
  else if (table.has_leaf(index))
    tables_.zap(table, index);
}

void table_synchroniser::entry_written(paging::gpa page, unsigned index, std::uint64_t before, std::uint64_t now) {
  if (((before ^ now) & ~software_bits) == 0) return;
  ++counts_.entries_changed;
  const guest_table* const table = registry_.find(page);
  if (table == nullptr) return;
  const std::vector<shadow_table*> uses = table->uses;  // zapping one may take others away
  for (shadow_table* const use : uses) {
    if (!still_used(registry_, page, use)) continue;
    if (use->level == 1)
      refresh(*use, index, now, true);
    else
      tables_.zap(*use, index);
  }
}

void table_synchroniser::let_lag(guest_table& table) {
  registry_.mark_unsynced(table);
  ++counts_.unsynced;
}

void table_synchroniser::bring_in(paging::gpa page) {
  guest_table* const table = registry_.find(page);
  if (table == nullptr || !table->unsynced) return;
  host_.execute(config_.instructions.synchronise);
  std::array<std::uint64_t, shadow_table::entries> now;
  host_.read_block(memory_.provide(page).at, now.data(), page_bytes);
  registry_.mark_synced(*table);
  for (shadow_table* const use : table->uses)
    for (unsigned i = 0; use->level == 1 && i < shadow_table::entries; ++i) refresh(*use, i, now[i], false);
  tables_.write_protect(page);
  ++counts_.tables;
}

void table_synchroniser::bring_in_under(const shadow_root& root) {
  for (const paging::gpa page : registry_.unsynced()) {
    const guest_table* const table = registry_.find(page);
    const auto& uses = table->uses;
    if (std::any_of(uses.begin(), uses.end(), [&](const shadow_table* use) { return use->owner == &root; }))
      bring_in(page);
  }
}

void table_synchroniser::bring_in_address(const shadow_root& root, paging::gva address) {
  shadow_table* table = root.top.get();
  while (table != nullptr && table->level > 1) table = table->child(table->index_of(address));
  if (table == nullptr || !table->place.table) return;
  const guest_table* const lagging = registry_.find(*table->place.table);
  if (!lagging->unsynced) return;
  const unsigned index = table->index_of(address);
  const paging::gpa at = lagging->page + std::uint64_t{index} * entry_bytes;
  refresh(*table, index, host_.read(memory_.provide(at).at), true);
  ++counts_.addresses;
}

}  // namespace nestwalk::vmm
