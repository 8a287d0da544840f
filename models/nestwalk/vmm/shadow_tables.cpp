#include "nestwalk/vmm/shadow_tables.h"

#include <algorithm>

namespace nestwalk::vmm {

namespace {

namespace bit = paging::x86_entry;

constexpr std::uint64_t table_flags = bit::p | bit::rw | bit::us | bit::a;
constexpr std::uint64_t address_mask = 0x000ffffffffff000;
constexpr std::uint64_t key_mask = std::uint64_t{15} << bit::key_shift;

// Whether an access that `before` lets through may fail, or go elsewhere, under `after`. More write or execute rights
// take nothing away; any other difference may.
bool takes_away(std::uint64_t before, std::uint64_t after) {
  if ((before & bit::p) == 0) return false;
  const std::uint64_t gained = (after & ~before & (bit::rw | bit::d)) | (before & ~after & bit::xd);
  return ((before ^ after) & ~gained &
          (address_mask | key_mask | bit::p | bit::rw | bit::us | bit::xd | bit::pwt | bit::pcd | bit::ps)) != 0;
}

}  // namespace

std::unique_ptr<shadow_table> shadow_tables::make(shadow_root& owner, unsigned level, const guest_place& place) {
  auto table = std::make_unique<shadow_table>();
  const host_allocator::frame frame = frames_.take_page();
  if (!frame.clean) host_.clear_page(frame.page);
  table->owner = &owner;
  table->level = level;
  table->page = frame.page;
  table->place = place;
  if (level > 1) table->children.resize(shadow_table::entries);
  ++counts_.tables_made;
  return table;
}

void shadow_tables::plant(shadow_root& root, const guest_place& place) {
  root.top = make(root, root.levels, place);
  roots_.push_back(&root);
  if (place.table && registry_.add_use(*root.top)) write_protect(*place.table);
}

void shadow_tables::uproot(shadow_root& root) {
  drop(*root.top);
  root.top.reset();
  roots_.erase(std::find(roots_.begin(), roots_.end(), &root));
}

shadow_table& shadow_tables::extend(shadow_table& parent, unsigned i, const guest_place& place) {
  parent.children[i] = make(*parent.owner, parent.level - 1, place);
  shadow_table& table = *parent.children[i];
  table.parent = &parent;
  table.index = i;
  table.base = parent.owner->address(parent, i);
  host_.write(parent.slot(i), table.page.value | table_flags);
  if (place.table && registry_.add_use(table)) write_protect(*place.table);
  return table;
}

// Forgets a table and all below it; its entries are left as they are, since nothing leads to them.
void shadow_tables::drop(shadow_table& table) {
  for (unsigned i = 0; i < shadow_table::entries; ++i) {
    if (table.has_leaf(i)) mappings_.remove(table, i);
    if (shadow_table* const below = table.child(i)) drop(*below);
  }
  if (table.place.table) registry_.remove_use(table);
  frames_.give_back(table.page);
  ++counts_.tables_freed;
}

void shadow_tables::zap(shadow_table& table, unsigned i) {
  if (shadow_table* const below = table.child(i)) {
    host_.write(table.slot(i), 0);
    drop(*below);
    table.children[i].reset();
    table.owner->must.add_all();
  } else if (table.has_leaf(i)) {
    clear_leaf(table, i);
    table.owner->stale = true;
  }
}

void shadow_tables::clear_leaf(shadow_table& table, unsigned i) {
  host_.write(table.slot(i), 0);
  mappings_.remove(table, i);
  table.clear_target(i);
  ++counts_.leaves_cleared;
}

void shadow_tables::set_leaf(shadow_table& table, unsigned i, std::uint64_t entry, paging::gpa target) {
  const std::uint64_t before = host_.read(table.slot(i));
  if (before == entry && table.has_leaf(i) && table.target(i) == target) return;
  if (takes_away(before, entry)) table.owner->stale = true;
  if (table.has_leaf(i)) mappings_.remove(table, i);
  table.set_target(i, target);
  mappings_.add(table, i);
  host_.write(table.slot(i), entry);
  ++counts_.leaves_written;
}

void shadow_tables::clear_large_leaves(paging::gpa page) {
  for (unsigned size : {paging::page_2m, paging::page_1g}) {
    for (const reverse_map::leaf& l : mappings_.leaves_of(page, size)) {
      l.table->owner->must.add(l.table->owner->address(*l.table, l.index));
      clear_leaf(*l.table, l.index);
    }
  }
}

// A mapping that the guest has narrowed is found in no tree, and may still be in a TLB.
void shadow_tables::flush_all_stale() {
  for (shadow_root* const root : roots_)
    if (root->stale) root->must.add_all();
}

void shadow_tables::write_protect(paging::gpa page) {
  for (const reverse_map::leaf& l : mappings_.leaves_of(page, paging::page_4k)) {
    const std::uint64_t entry = host_.read(l.table->slot(l.index));
    if ((entry & bit::rw) == 0) continue;
    host_.write(l.table->slot(l.index), entry & ~(bit::rw | bit::d));
    l.table->owner->must.add(l.table->owner->address(*l.table, l.index));
    ++counts_.write_protected;
  }
  clear_large_leaves(page);
  flush_all_stale();
}

void shadow_tables::withdraw(paging::gpa page) {
  for (const reverse_map::leaf& l : mappings_.leaves_of(page, paging::page_4k)) {
    l.table->owner->must.add(l.table->owner->address(*l.table, l.index));
    clear_leaf(*l.table, l.index);
  }
  clear_large_leaves(page);
  flush_all_stale();
}

}  // namespace nestwalk::vmm
