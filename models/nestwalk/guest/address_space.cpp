#include "nestwalk/guest/address_space.h"

#include <algorithm>
#include <stdexcept>

namespace nestwalk::guest {

using paging::gpa;
using paging::gva;
namespace entry = paging::x86_entry;

namespace {

constexpr std::uint64_t hardware_flags = entry::a | entry::d;
constexpr std::uint64_t address_mask = 0x000ffffffffff000;
// As Linux's _PAGE_TABLE.
constexpr std::uint64_t user_table = entry::p | entry::rw | entry::us | entry::a | entry::d;

}  // namespace

gpa address_space::slot::frame() const {
  return gpa(value & address_mask).base(size_log2());
}

address_space::slot address_space::slot_of(table_page& table, gva address) {
  const unsigned shift = shift_of(table.level);
  const auto index = static_cast<unsigned>((address.value >> shift) & 511);
  return {&table, index, address.base(shift), table.entries[index]};
}

address_space::slot address_space::walk(gva address, core_memory& memory) {
  for (table_page* table = &top_;;) {
    slot s = slot_of(*table, address);
    s.value = load(s, memory);
    if (!s.present() || is_leaf(s.value, table->level)) return s;
    table = table->below[s.index].get();
  }
}

std::optional<address_space::slot> address_space::look(gva address) {
  for (table_page* table = &top_;;) {
    const slot s = slot_of(*table, address);
    if (!s.present()) return std::nullopt;
    if (is_leaf(s.value, table->level)) return s;
    table = table->below[s.index].get();
  }
}

std::optional<gpa> address_space::translate(gva address) const {
  for (const table_page* table = &top_;;) {
    const unsigned shift = shift_of(table->level);
    const auto index = static_cast<unsigned>((address.value >> shift) & 511);
    const std::uint64_t value = table->entries[index];
    if (value == 0) return std::nullopt;
    if (is_leaf(value, table->level)) return gpa(value & address_mask).base(shift) + address.offset(shift);
    table = table->below[index].get();
  }
}

std::uint64_t address_space::load(const slot& s, core_memory& memory) {
  const std::uint64_t value = memory.load(s.entry());
  if (((value ^ s.table->entries[s.index]) & ~hardware_flags) != 0)
    throw std::logic_error("guest kernel: the table entry at guest-physical " + std::to_string(s.entry().value) +
                           " is not what was stored there: some part of the hardware has lost or made up a store");
  return value;
}

void address_space::store(slot& s, std::uint64_t value, core_memory& memory) {
  memory.store(s.entry(), value);
  std::uint64_t& recorded = s.table->entries[s.index];
  s.table->live += (value != 0 ? 1u : 0u) - (recorded != 0 ? 1u : 0u);
  recorded = s.value = value;
}

void address_space::descend(slot& s, gva address, unsigned level, core_memory& memory, frame_allocator& frames) {
  while (s.level() > level) {
    const gpa frame = frames.allocate(paging::page_4k);
    memory.clear(frame, std::uint64_t{1} << paging::page_4k);
    store(s, frame.value | user_table, memory);
    std::unique_ptr<table_page>& below = s.table->below[s.index];
    below = std::make_unique<table_page>(frame, s.level() - 1);
    s = slot_of(*below, address);
  }
}

address_space::slot address_space::make(gva address, unsigned level, core_memory& memory, frame_allocator& frames) {
  slot s = slot_of(top_, address);
  while (s.level() > level) {
    if (!s.present()) {
      descend(s, address, level, memory, frames);
      break;
    }
    s = slot_of(*s.table->below[s.index], address);
  }
  return s;
}

void address_space::split(slot& s, core_memory& memory, frame_allocator& frames) {
  const unsigned level = s.level() - 1;
  auto below = std::make_unique<table_page>(frames.allocate(paging::page_4k), level);
  const std::uint64_t flags = s.value & ~(address_mask | (level == 1 ? paging::page_size_bit : 0));
  const gpa first = s.frame();
  for (unsigned i = 0; i < 512; ++i) {
    slot part{below.get(), i, s.page, 0};
    store(part, (first.value + (std::uint64_t{i} << shift_of(level))) | flags, memory);
  }
  store(s, below->at.value | user_table, memory);
  s.table->below[s.index] = std::move(below);
}

std::vector<gpa> address_space::prune(gva first, gva last, core_memory& memory) {
  std::vector<gpa> freed;
  prune(top_, gva(0), first, last, memory, freed);
  return freed;
}

void address_space::prune(table_page& table, gva base, gva first, gva last, core_memory& memory,
                          std::vector<gpa>& freed) {
  if (table.level == 1) return;
  const indices range = within(table, base, first, last);
  for (unsigned i = range.first; i <= range.last; ++i) {
    if (table.below[i] == nullptr) continue;
    slot s{&table, i, base + (std::uint64_t{i} << shift_of(table.level)), table.entries[i]};
    prune(*table.below[i], s.page, first, last, memory, freed);
    if (table.below[i]->live != 0) continue;
    store(s, 0, memory);
    freed.push_back(table.below[i]->at);
    table.below[i].reset();
  }
}

address_space::indices address_space::within(const table_page& table, gva base, gva first, gva last) {
  const unsigned shift = shift_of(table.level);
  const std::uint64_t end = base.value + (std::uint64_t{512} << shift) - 1;
  const std::uint64_t from = std::max(first.value, base.value) - base.value;
  const std::uint64_t to = std::min(last.value, end) - base.value;
  return {static_cast<unsigned>(from >> shift), static_cast<unsigned>(to >> shift)};
}

}  // namespace nestwalk::guest
