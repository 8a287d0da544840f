#include "nestwalk/vmm/nested_pager.h"

#include <stdexcept>
#include <string>

#include "nestwalk/paging/memory_type.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::vmm {

namespace {

constexpr unsigned entries = 512;

constexpr unsigned level_of(unsigned size_log2) {
  return (size_log2 - paging::page_4k) / 9 + 1;
}

}  // namespace

nested_pager::nested_pager(const vmm_config& config, host& host, host_allocator& frames, guest_memory_map& memory)
    : config_(config), host_(host), frames_(frames), memory_(memory) {
  namespace e = paging::ept_entry;
  namespace x = paging::x86_entry;
  table_flags_ = ept() ? e::r | e::w | e::x : x::p | x::rw | x::us;
}

std::uint64_t nested_pager::eptp() const {
  return root_.value | static_cast<std::uint64_t>(paging::memory_type::wb) |
         std::uint64_t{config_.nested_levels - 1} << 3 |
         (config_.ept_accessed_dirty ? paging::eptp::accessed_dirty : 0);
}

paging::paging_registers nested_pager::host_registers() const {
  paging::paging_registers r;
  r.cr0 = paging::cr0::pe | paging::cr0::wp | paging::cr0::pg;
  r.cr3 = root_.value;
  r.cr4 = paging::cr4::pae | (config_.nested_levels == 5 ? paging::cr4::la57 : 0);
  r.efer = paging::efer::lme | paging::efer::lma | paging::efer::nxe;
  return r;
}

void nested_pager::start() {
  root_ = new_table();
  protocol::vm_controls c = host_.controls();
  c.virtualised = true;
  c.translation.nested_paging = true;
  c.translation.format = config_.format;
  c.translation.vpid_on = true;
  c.translation.vpid = 1;
  if (ept()) {
    c.translation.ept.eptp = eptp();
    stage_ = paging::decode_ept(c.translation.ept, config_.processor);
  } else {
    c.translation.host = host_registers();
    stage_ = paging::decode_npt(c.translation.host, config_.processor, c.translation.guest_mode_execute_trap);
  }
  host_.write_controls(c);
}

void nested_pager::handle(protocol::vm_exit& exit) {
  if (exit.reason != protocol::exit_reason::ept_violation && exit.reason != protocol::exit_reason::nested_page_fault)
    throw std::logic_error(std::string("vmm: no handler under nested paging for the exit ") +
                           protocol::name_of(exit.reason));
  ++counts_.faults;
  host_.execute(config_.instructions.nested_fault);
  map(exit.fault.guest_physical);
  exit.action = protocol::exit_action::retry;
}

paging::hpa nested_pager::slot(paging::hpa table, paging::gpa at, unsigned level) const {
  const paging::level_format& l = stage_.format.level[level];
  return table + (((at.value >> l.shift) & l.index_mask) << stage_.format.entry_log2);
}

std::uint64_t nested_pager::leaf(paging::hpa page, unsigned level) const {
  const std::uint64_t type =
      ept() ? std::uint64_t{static_cast<unsigned>(paging::memory_type::wb)} << paging::ept_entry::type_shift : 0;
  return page.value | table_flags_ | type | (level > 1 ? paging::page_size_bit : 0);
}

void nested_pager::write(paging::hpa slot, std::uint64_t entry) {
  ++counts_.entries_written;
  host_.write(slot, entry);
}

paging::hpa nested_pager::new_table() {
  const host_allocator::frame frame = frames_.take_page();
  if (!frame.clean) host_.clear_page(frame.page);
  ++counts_.tables;
  return frame.page;
}

void nested_pager::map(paging::gpa at) {
  const guest_memory_map::backing backing = memory_.provide(at);
  const unsigned leaf_level = level_of(backing.size_log2);
  paging::hpa table = root_;
  for (unsigned level = config_.nested_levels; level > leaf_level; --level) {
    const paging::hpa place = slot(table, at, level);
    const std::uint64_t entry = host_.read(place);
    if ((entry & stage_.format.present) != 0) {
      table = paging::hpa(entry & stage_.format.address);
      continue;
    }
    table = new_table();
    write(place, table.value | table_flags_);
  }
  const paging::hpa place = slot(table, at, leaf_level);
  if ((host_.read(place) & stage_.format.present) == 0)
    write(place, leaf(backing.at.base(backing.size_log2), leaf_level));
}

// A large leaf becomes a table of leaves of the next size, with the flags that the hardware has set.
void nested_pager::split(paging::hpa place, std::uint64_t entry, unsigned level) {
  const paging::hpa table = new_table();
  const paging::format& f = stage_.format;
  const std::uint64_t page = f.page_of(entry, level);
  const std::uint64_t step = std::uint64_t{1} << f.level[level - 1].shift;
  const std::uint64_t flags = entry & (f.accessed | f.dirty);
  for (unsigned i = 0; i < entries; ++i) write(table + i * 8, leaf(paging::hpa(page + i * step), level - 1) | flags);
  write(place, table.value | table_flags_);
  ++counts_.splits;
}

void nested_pager::withdraw(paging::gpa page) {
  const paging::format& f = stage_.format;
  paging::hpa table = root_;
  for (unsigned level = config_.nested_levels;; --level) {
    const paging::hpa place = slot(table, page, level);
    std::uint64_t entry = host_.read(place);
    if ((entry & f.present) == 0) return;
    if (level == 1) {
      write(place, 0);
      ++counts_.unmapped;
      flush_due_ = true;
      return;
    }
    if (f.is_leaf(entry, level)) {
      split(place, entry, level);
      entry = host_.read(place);
    }
    table = paging::hpa(entry & f.address);
  }
}

void nested_pager::resume() {
  if (flush_due_) host_.flush_second_stage(eptp());
  flush_due_ = false;
}

void nested_pager::describe(statistics::group& into) {
  into.add("faults", "exits", "EPT violations and nested page faults handled.", counts_.faults);
  into.add("tables", "tables", "Nested tables made.", counts_.tables);
  into.add("entries_written", "entries", "Nested table entries written.", counts_.entries_written);
  into.add("splits", "entries", "Large nested entries split because a page of them was taken back.", counts_.splits);
  into.add("unmapped", "pages", "Guest pages unmapped because they were taken back.", counts_.unmapped);
}

}  // namespace nestwalk::vmm
