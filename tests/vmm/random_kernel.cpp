#include "random_kernel.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/table_builder.h"

namespace nestwalk::test {

namespace {

using paging::access_mode;
using protocol::control_register;
namespace bit = paging::x86_entry;
namespace c0 = paging::cr0;
namespace c4 = paging::cr4;

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t direct = 0xffff'8000'0000'0000;
constexpr std::uint64_t memory_bytes = 32 * mib;
constexpr std::uint64_t first_frame = 1 * mib;
constexpr std::uint64_t frames = 1024;
constexpr std::uint64_t large_first = 16 * mib;  // 2-MByte pages that user addresses may map
constexpr std::uint64_t keys = 4;                // protection keys in use
constexpr std::uint64_t table_flags = bit::p | bit::rw | bit::us;
constexpr std::uint64_t address_mask = 0x000f'ffff'ffff'f000;

constexpr unsigned shift(unsigned level) {
  return 12 + 9 * (level - 1);
}

}  // namespace

random_kernel::random_kernel(guest_machine& machine, const config& c)
    : machine_(machine), config_(c), generator_(c.seed), processes_(c.processes) {
  for (std::uint64_t i = frames; i > 0; --i) free_frames_.push_back(first_frame + (i - 1) * page);
  std::shuffle(free_frames_.begin(), free_frames_.end(), generator_);
  boot();
}

std::uint64_t random_kernel::take_frame() {
  const std::uint64_t frame = free_frames_.back();
  free_frames_.pop_back();
  return frame;
}

void random_kernel::boot() {
  machine_.start();
  table_memory image = machine_.image();
  const std::uint64_t middle = take_frame();
  kernel_table_ = take_frame();
  image.write(kernel_table_, middle | bit::p | bit::rw);
  for (std::uint64_t i = 0; i < memory_bytes >> 21; ++i)
    image.write(middle + 8 * i, i << 21 | bit::p | bit::rw | bit::ps | (i % 2 != 0 ? bit::a | bit::d : 0));
  for (unsigned i = 0; i < processes_.size(); ++i) {
    processes_[i].root = take_frame();
    processes_[i].pcid = config_.pcids ? i + 1 : 0;
    image.write(processes_[i].root + 256 * 8, kernel_table_ | bit::p | bit::rw);
  }
  for (unsigned i = 0; i < 24; ++i) data_frames_.push_back(take_frame());
  machine_.enter_long_mode(processes_[0].root, config_.pcids ? c4::pcide : 0);
  cr0_ = machine_.registers.cr0;
  cr4_ = machine_.registers.cr4;
  efer_ = machine_.registers.efer;
  write_cr3(processes_[0], false);
}

void random_kernel::store(std::uint64_t at, std::uint64_t value) {
  ASSERT_FALSE(machine_.store(direct + at, value).fault);
}

void random_kernel::zero(std::uint64_t frame) {
  for (std::uint64_t i = 0; i < page; i += 64) machine_.store(direct + frame + i, 0, access_mode::supervisor, 64);
}

std::uint64_t random_kernel::random_page() {
  return random(2) << 39 | random(2) << 30 | random(2) << 21 | random(6) << 12;
}

std::uint64_t random_kernel::random_flags() {
  std::uint64_t flags = bit::p;
  if (chance(70)) flags |= bit::rw;
  if (chance(75)) flags |= bit::us;
  if (chance(25)) flags |= bit::xd;
  if (chance(40)) flags |= bit::a;
  if (chance(30)) flags |= bit::d;
  return flags | random(keys) << bit::key_shift;
}

// The guest-physical address of an entry, with the tables above made and linked where they are missing.
std::uint64_t random_kernel::entry_address(process& p, std::uint64_t address, unsigned level) {
  std::uint64_t table = p.root;
  for (unsigned at = 4; at > level; --at) {
    const std::uint64_t slot = table + ((address >> shift(at)) & 511) * 8;
    std::uint64_t entry = load(slot);
    if ((entry & bit::p) == 0) {
      const std::uint64_t frame = take_frame();
      zero(frame);
      p.tables[std::uint64_t{at - 1} << 60 | address >> shift(at)] = frame;
      entry = frame | table_flags;
      store(slot, entry);
    }
    table = entry & address_mask;
  }
  return table + ((address >> shift(level)) & 511) * 8;
}

void random_kernel::write_cr3(const process& p, bool no_flush) {
  ASSERT_TRUE(machine_.write_register(control_register::cr3, p.root | p.pcid | (no_flush ? paging::cr3::no_flush : 0)));
}

void random_kernel::switch_to(unsigned next) {
  process& p = processes_[next];
  const bool keeps = config_.pcids && !p.owes_flush && chance(70);
  write_cr3(p, keeps);
  if (!keeps) p.owes_flush = false;
  current_ = next;
}

void random_kernel::edit_one(process& p, std::uint64_t address) {
  const std::uint64_t at = entry_address(p, address, 1);
  const std::uint64_t now = load(at);
  switch (random(6)) {
    case 0: store(at, 0); break;
    case 1: store(at, now & ~std::uint64_t{bit::rw}); break;
    case 2: store(at, now & ~std::uint64_t{chance(50) ? bit::a : bit::d}); break;
    case 3: store(at, (now & address_mask) == 0 ? 0 : (now & address_mask) | random_flags()); break;
    default: store(at, data_frames_[random(data_frames_.size())] | random_flags()); break;
  }
}

void random_kernel::edit_large(process& p) {
  const std::uint64_t address = random(2) << 39 | std::uint64_t{2 + random(2)} << 21;
  const std::uint64_t at = entry_address(p, address, 2);
  const std::uint64_t target = large_first + (random(4) << 21);
  store(at, chance(25) ? 0 : target | random_flags() | bit::ps);
  flush(p, {address}, false);
}

void random_kernel::edit(unsigned count) {
  process& p = processes_[chance(70) ? current_ : random(processes_.size())];
  std::vector<std::uint64_t> addresses;
  for (unsigned i = 0; i < count; ++i) {
    addresses.push_back(random_page());
    edit_one(p, addresses.back());
  }
  flush(p, addresses, false);
}

// A leaf table that two processes link, or one process twice.
void random_kernel::link_shared() {
  process& from = processes_[random(processes_.size())];
  process& to = processes_[random(processes_.size())];
  const std::uint64_t address = random_page();
  const std::uint64_t entry = entry_address(from, address, 1) & ~std::uint64_t{page - 1};
  const std::uint64_t at = entry_address(to, random(2) << 39 | std::uint64_t{8 + random(2)} << 21, 2);
  store(at, entry | table_flags);
  from.shares = to.shares = true;
  flush(to, {}, true);
}

// A leaf table is unlinked and its page becomes data.
void random_kernel::free_table() {
  process& p = processes_[random(processes_.size())];
  if (p.shares) return;
  const std::uint64_t address = random_page();
  const auto found = p.tables.find(std::uint64_t{1} << 60 | address >> 21);
  if (found == p.tables.end()) return;
  const std::uint64_t frame = found->second;
  p.tables.erase(found);
  store(entry_address(p, address, 2), 0);
  flush(p, {}, true);
  if (chance(50)) zero(frame);
  data_frames_.push_back(frame);
}

// Shared tables reach other processes, too: then everyone flushes.
void random_kernel::flush(process& p, const std::vector<std::uint64_t>& addresses, bool structure) {
  const bool is_current = &p == &processes_[current_];
  if (p.shares)
    for (process& other : processes_) other.owes_flush = true;
  if (is_current && !structure && !p.shares && chance(60)) {
    for (const std::uint64_t address : addresses) machine_.invlpg(paging::gva(address));
    return;
  }
  if (config_.pcids && !p.shares && chance(40)) {
    if (structure || chance(50))
      machine_.invpcid(paging::invpcid_type::single_context, static_cast<std::uint16_t>(p.pcid), {});
    else
      for (const std::uint64_t address : addresses)
        machine_.invpcid(paging::invpcid_type::individual_address, static_cast<std::uint16_t>(p.pcid),
                         paging::gva(address));
    return;
  }
  if (!is_current) p.owes_flush = true;
  if (!is_current && !p.shares) return;
  write_cr3(processes_[current_], false);
  processes_[current_].owes_flush = false;
}

void random_kernel::toggle_cr4() {
  constexpr std::array<std::uint64_t, 5> bits{c4::smep, c4::smap, c4::pge, c4::pke, c4::pks};
  cr4_ ^= bits[random(bits.size())];
  ASSERT_TRUE(machine_.write_register(control_register::cr4, cr4_));
}

// The kernel's own pages have key 0, which stays allowed to it.
void random_kernel::write_keys() {
  const std::uint64_t rights = random(1 << (2 * keys));
  if (chance(50))
    ASSERT_TRUE(machine_.write_register(control_register::pkru, rights));
  else
    ASSERT_TRUE(machine_.write_register(control_register::pkrs, rights & ~std::uint64_t{3}));
}

void random_kernel::toggle() {
  const std::uint64_t what = random(100);
  if (what < 35) {
    cr0_ ^= c0::wp;
    ASSERT_TRUE(machine_.write_register(control_register::cr0, cr0_));
  } else if (what < 70) {
    toggle_cr4();
  } else if (what < 80) {
    efer_ ^= paging::efer::nxe;
    ASSERT_TRUE(machine_.write_register(control_register::efer, efer_));
  } else {
    write_keys();
  }
}

void random_kernel::touch() {
  std::uint64_t address = random_page() + 8 * random(512);
  if (chance(20)) address = random(2) << 39 | std::uint64_t{2 + random(2)} << 21 | random(512) << 12;
  if (chance(10)) address = random(2) << 39 | std::uint64_t{8 + random(2)} << 21 | random(6) << 12;
  const auto mode = static_cast<access_mode>(chance(60) ? 0 : 1 + random(2));
  switch (random(5)) {
    case 0: machine_.fetch(address, mode); break;
    case 1:
    case 2: machine_.store(address, ++stored_, mode, chance(20) ? 4 : 8); break;
    default: machine_.load(address, mode); break;
  }
}

void random_kernel::step() {
  if (chance(config_.toggles)) return toggle();
  const std::uint64_t what = random(98);
  if (what < 66)
    touch();
  else if (what < 80)
    edit(static_cast<unsigned>(1 + random(4)));
  else if (what < 84)
    edit_large(processes_[random(processes_.size())]);
  else if (what < 92)
    switch_to(static_cast<unsigned>(random(processes_.size())));
  else if (what < 94)
    free_table();
  else if (what == 94)
    link_shared();
  else
    machine_.load(direct + first_frame + random(frames) * page);
}

void random_kernel::sweep() {
  for (unsigned i = 0; i < processes_.size(); ++i) {
    switch_to(i);
    for (unsigned n = 0; n < 48; ++n) {
      const std::uint64_t address = std::uint64_t{n & 1} << 39 | std::uint64_t{n >> 1 & 1} << 30 |
                                    std::uint64_t{n >> 2 & 1} << 21 | std::uint64_t{n >> 3} << 12;
      for (const access_mode mode : {access_mode::user, access_mode::supervisor, access_mode::supervisor_ac}) {
        machine_.load(address, mode);
        machine_.fetch(address, mode);
        machine_.store(address, ++stored_, mode);
      }
    }
  }
}

}  // namespace nestwalk::test
