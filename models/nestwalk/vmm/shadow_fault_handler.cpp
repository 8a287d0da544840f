#include "nestwalk/vmm/shadow_fault_handler.h"

#include <array>
#include <stdexcept>

#include "nestwalk/paging/drive.h"

namespace nestwalk::vmm {

namespace {

// Of the entries above a table, what its leaves inherit.
constexpr std::uint64_t inherited = paging::x86_entry::rw | paging::x86_entry::us | paging::x86_entry::xd;

constexpr unsigned level_of(unsigned size_log2) {
  return (size_log2 - paging::page_4k) / 9 + 1;
}

// Where the page after that of the operand's first byte begins.
paging::gva next_page(const protocol::vm_exit& exit) {
  return exit.address.base(paging::page_4k) + (1u << paging::page_4k);
}

bool crosses(const protocol::vm_exit& exit) {
  return exit.address.offset(paging::page_4k) + exit.size > 1u << paging::page_4k;
}

void inject(protocol::vm_exit& exit, const paging::fault& fault) {
  exit.injected = fault;
  exit.action = protocol::exit_action::inject;
}

}  // namespace

shadow_fault_handler::guest_walk shadow_fault_handler::walked(paging::gva linear, const paging::access& access,
                                                              const paging::guest_stage& stage, guest_path& path) {
  guest_walk walk(stage, linear, access);
  paging::drive(walk, stage.format.entry_log2, guest_walk_port(host_, memory_, path));
  return walk;
}

void shadow_fault_handler::handle(protocol::vm_exit& exit) {
  const paging::gva linear = exit.fault.linear;
  const paging::guest_stage stage = registers_.guest_stage();
  guest_path path;
  const guest_walk walk = walked(linear, exit.access, stage, path);
  if (walk.state() == paging::walk_step::faulted) {
    ++counts_.reflected;
    return inject(exit, walk.why());
  }
  const bool write = exit.access.type == paging::access_type::write;
  const paging::gpa target = walk.output();
  exit.action = protocol::exit_action::retry;
  if (write && store(exit, target) == store_emulator::answer::emulated) return;
  const std::uint64_t entry = fill(linear, exit.access, walk, path);
  if (hardware_permits(exit.access, entry)) return;
  if (!write) throw std::logic_error("vmm: a shadow entry does not let through what the guest's entries do");
  // The walk itself made the target a table, or no entry can say what CR0.WP = 0 allows.
  const bool decoded = exit.stored != nullptr;
  const auto done = decoded ? store(exit, target) : store_emulator::answer::ordinary;
  if (done == store_emulator::answer::ordinary) perform(exit, target);
}

// A store that the guest's rights allow, to `target`: where that is a table, what has to be done about it.
store_emulator::answer shadow_fault_handler::store(protocol::vm_exit& exit, paging::gpa target) {
  if (crosses(exit) && exit.stored != nullptr) {
    if (!registry_.is_protected(target)) return store_emulator::answer::ordinary;
    perform_across(exit);
    return store_emulator::answer::emulated;
  }
  const auto done = stores_.store(exit, target);
  if (done == store_emulator::answer::emulated) exit.action = protocol::exit_action::skip;
  return done;
}

void shadow_fault_handler::perform(protocol::vm_exit& exit, paging::gpa target) {
  if (crosses(exit) && exit.stored != nullptr) return perform_across(exit);
  stores_.perform(exit, target);
  exit.action = protocol::exit_action::skip;
}

// Both pages have to allow the store before a byte of it is written.
void shadow_fault_handler::perform_across(protocol::vm_exit& exit) {
  const paging::guest_stage stage = registers_.guest_stage();
  std::array<paging::gpa, 2> targets{};
  for (unsigned i = 0; i < 2; ++i) {
    guest_path path;
    const guest_walk walk = walked(i == 0 ? exit.address : next_page(exit), exit.access, stage, path);
    if (walk.state() == paging::walk_step::faulted) {
      ++counts_.reflected;
      return inject(exit, walk.why());
    }
    targets[i] = walk.output();
  }
  stores_.perform_across(exit, {targets[0], targets[1]});
  exit.action = protocol::exit_action::skip;
}

std::uint64_t shadow_fault_handler::fill(paging::gva linear, const paging::access& access, const guest_walk& walk,
                                         const guest_path& path) {
  const paging::mapping<paging::gpa> mapping = walk.result();
  const unsigned guest_level = level_of(mapping.guest_size_log2);
  const paging::gpa target = walk.output();
  const bool paging_on = registers_.paging_on();
  shadow_table* table = roots_.current().top.get();
  if (paging_on) table = &mirror(linear, walk, path, guest_level);
  const guest_memory_map::backing backing = memory_.provide(target);
  table = &splinter(*table, linear, level_of(leaf_size(mapping.guest_size_log2, backing.size_log2, target)));

  const unsigned size = shadow_table::shift(table->level);
  const guest_leaf leaf{paging_on ? path.steps[guest_level].value : 0, guest_level, mapping.granted};
  const write_right right = writes(access, mapping.granted, target);
  const bool no_fetch = (registers_.visible().cr4 & paging::cr4::smep) != 0;
  const std::uint64_t entry = shadow_entry(leaf, backing.at.base(size), size, right, no_fetch);
  tables_.set_leaf(*table, table->index_of(linear), entry, target.base(size));
  ++counts_.fills;
  if (size < mapping.guest_size_log2) ++counts_.splintered;
  if (right == write_right::supervisor_only) ++counts_.supervisor_only;
  return entry;
}

// Down to the shadow of the guest table that holds the leaf.
shadow_table& shadow_fault_handler::mirror(paging::gva linear, const guest_walk& walk, const guest_path& path,
                                           unsigned leaf_level) {
  shadow_table* table = roots_.current().top.get();
  used(*table);
  while (table->level > leaf_level) {
    const unsigned next = table->level - 1;
    table = &below(*table, linear, {path.table(next), walk.reached(next).gathered & inherited});
    used(*table);
  }
  return *table;
}

// Further down, through tables that stand for parts of the guest's page, to the one that the leaf goes into. What is
// splintered stays so.
shadow_table& shadow_fault_handler::splinter(shadow_table& from, paging::gva linear, unsigned leaf_level) {
  shadow_table* table = &from;
  for (;;) {
    const unsigned i = table->index_of(linear);
    const shadow_table* const child = table->child(i);
    const bool splintered = child != nullptr && !child->place.table;
    if (table->level > leaf_level || splintered) {
      table = &below(*table, linear, {});
      continue;
    }
    if (child != nullptr) tables_.zap(*table, i);
    return *table;
  }
}

shadow_table& shadow_fault_handler::below(shadow_table& table, paging::gva linear, const guest_place& place) {
  const unsigned i = table.index_of(linear);
  if (shadow_table* const child = table.child(i)) {
    if (child->place.table == place.table && child->place.gathered == place.gathered) return *child;
  }
  tables_.zap(table, i);
  return tables_.extend(table, i, place);
}

void shadow_fault_handler::used(const shadow_table& table) {
  guest_table* const guest = registry_.find(*table.place.table);
  guest->stores_unused = 0;
  if (guest->unsynced && table.level > 1) synchroniser_.bring_in(guest->page);
}

unsigned shadow_fault_handler::leaf_size(unsigned guest_log2, unsigned backing_log2, paging::gpa target) const {
  for (unsigned size : {paging::page_1g, paging::page_2m})
    if (size <= guest_log2 && size <= backing_log2 && !registry_.holds_table(target, size)) return size;
  return paging::page_4k;
}

// CR0.WP = 0 lets the supervisor write a read-only page. The hardware runs with WP = 1, so the page becomes a writable
// supervisor page until the user comes; not where SMAP or keys would then judge it otherwise than the guest's entry.
write_right shadow_fault_handler::writes(const paging::access& access, paging::rights granted,
                                         paging::gpa target) const {
  if (registry_.is_protected(target)) return write_right::withheld;
  const bool despite = access.type == paging::access_type::write && !granted.has(paging::rights::writable);
  const std::uint64_t judges = paging::cr4::smap | paging::cr4::pke | paging::cr4::pks;
  return despite && (registers_.visible().cr4 & judges) == 0 ? write_right::supervisor_only : write_right::as_guest;
}

bool shadow_fault_handler::hardware_permits(const paging::access& access, std::uint64_t entry) const {
  const paging::guest_stage hardware = registers_.hardware_stage();
  const auto key = static_cast<std::uint8_t>((entry >> paging::x86_entry::key_shift) & hardware.format.key_mask);
  return hardware.policy.hit_permits(access, rights_of_shadow(entry, key));
}

}  // namespace nestwalk::vmm
