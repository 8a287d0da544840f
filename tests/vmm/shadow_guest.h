// A small guest under shadow paging: its tables, its kernel's direct map, two user pages.
#pragma once

#include <cstdint>

#include <gtest/gtest.h>

#include "guest_machine.h"

namespace nestwalk::test {

inline constexpr std::uint64_t mib = 1 << 20;
inline constexpr std::uint64_t gib = 1 << 30;
inline constexpr std::uint64_t user = 0x40'0000;
inline constexpr std::uint64_t direct = 0xffff'8000'0000'0000;  // the guest kernel's map of its memory
inline constexpr std::uint64_t data_page = 8 * mib;
inline constexpr std::uint64_t kernel_rw = paging::x86_entry::p | paging::x86_entry::rw | paging::x86_entry::a;

inline vmm::vmm_config shadow(vmm::shadow_policy policy = vmm::shadow_policy::write_protect,
                              unsigned backing_log2 = 21) {
  vmm::vmm_config c;
  c.mode = vmm::paging_mode::shadow;
  c.backing_log2 = backing_log2;
  c.guest_memory = 64 * mib;
  c.host_base = gib;
  c.host_size = gib;
  c.shadow.policy = policy;
  return c;
}

// Tables from 1 MiB up; `direct` maps all memory by 2 MiB for the supervisor; `user` maps two pages.
struct shadow_guest {
  guest_machine machine;
  table_builder tables;

  explicit shadow_guest(const vmm::vmm_config& c, std::uint64_t cr4_more = 0, unsigned levels = 4)
      : machine("machine", c), tables(started(machine), {levels, mib, leaf::x86_clean}) {
    map_kernel(tables);
    tables.map(user, data_page, 12, leaf::x86_clean);
    tables.map(user + 4096, data_page + 4096, 12, leaf::x86_clean);
    machine.enter_long_mode(tables.root(), cr4_more, levels);
    machine.exits.clear();
  }
  static table_memory started(guest_machine& machine) {
    machine.start();
    return machine.image();
  }
  static void map_kernel(table_builder& t) { t.map_range(direct, 0, 32, 21, kernel_rw); }
  /// The kernel stores an entry through its direct map.
  guest_machine::outcome store_entry(std::uint64_t at, unsigned level, std::uint64_t value) {
    return machine.store(direct + tables.entry_address(at, level), value);
  }
  std::uint64_t exits_of(protocol::exit_reason reason) const {
    std::uint64_t n = 0;
    for (const protocol::exit_reason r : machine.exits) n += r == reason ? 1 : 0;
    return n;
  }
  void load_cr3(std::uint64_t value) { EXPECT_TRUE(machine.write_register(protocol::control_register::cr3, value)); }
};

}  // namespace nestwalk::test
