// Shadow entries are made under one setting of the registers that rights hang on and must not answer under another:
// CR0.WP, CR4.SMEP, SMAP, PKE and PKS, IA32_EFER.NXE, PKRU and PKRS. NESTWALK_SEED and NESTWALK_OPERATIONS say which
// random toggles, and how many steps.
#include <iostream>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "shadow_guest.h"
#include "support/environment.h"

namespace nestwalk::test {
namespace {

using protocol::control_register;
using vmm::shadow_policy;
namespace bit = paging::x86_entry;
namespace c0 = paging::cr0;
namespace c4 = paging::cr4;

constexpr std::uint64_t large = std::uint64_t{64} << 21;  // two user pages of 2 MBytes
constexpr std::uint64_t small_pages = 10;
constexpr std::uint64_t keys = 4;

// A few user pages, small and large, of every combination of rights and keys, used by both modes while the registers
// change. guest_machine compares each access with the native machine; the TLB beside it loses what a flush takes alone.
class toggling_guest {
 public:
  toggling_guest(shadow_policy policy, std::uint64_t seed) : guest_(configuration(policy)), draw_(seed) {
    for (std::uint64_t i = 0; i < small_pages; ++i)
      guest_.tables.map(small(i), data_page + i * 4096, 12, random_flags());
    for (std::uint64_t i = 0; i < 2; ++i)
      guest_.tables.map(large + (i << 21), 32 * mib + (i << 21), 21, random_flags());
  }

  void step() {
    const std::uint64_t what = random(100);
    if (what < 72)
      touch();
    else if (what < 92)
      toggle();
    else if (what < 99)
      edit();
    else
      guest_.load_cr3(guest_.tables.root());
  }
  guest_machine& machine() { return guest_.machine; }

 private:
  static vmm::vmm_config configuration(shadow_policy policy) {
    vmm::vmm_config c = shadow(policy);
    c.shadow.kept_roots = 300;  // a root for every setting, so that all that was made lives on
    return c;
  }
  static std::uint64_t small(std::uint64_t i) { return user + i * 4096; }
  std::uint64_t random(std::uint64_t below) { return draw_() % below; }

  std::uint64_t random_flags() {
    const std::uint64_t bits = draw_();
    std::uint64_t flags = bit::p | random(keys) << bit::key_shift;
    if ((bits & 1) != 0) flags |= bit::rw;
    if ((bits & 6) != 0) flags |= bit::us;
    if ((bits & 24) == 0) flags |= bit::xd;
    return flags;
  }

  void touch() {
    const std::uint64_t page = random(small_pages + 2);
    const std::uint64_t at =
        page < small_pages ? small(page) : large + ((page - small_pages) << 21) + (random(4) << 12);
    const auto mode = static_cast<paging::access_mode>(random(3));
    switch (random(4)) {
      case 0: guest_.machine.fetch(at, mode); break;
      case 1: guest_.machine.load(at, mode); break;
      default: guest_.machine.store(at, draw_(), mode); break;
    }
  }

  void edit() {
    const std::uint64_t page = random(small_pages + 2);
    if (page < small_pages) {
      guest_.store_entry(small(page), 1, (data_page + page * 4096) | random_flags());
      guest_.machine.invlpg(paging::gva(small(page)));
    } else {
      const std::uint64_t offset = (page - small_pages) << 21;
      guest_.store_entry(large + offset, 2, (32 * mib + offset) | bit::ps | random_flags());
      guest_.machine.invlpg(paging::gva(large + offset));
    }
  }

  // The kernel's own pages have key 0, which stays allowed to it.
  void toggle() {
    constexpr std::uint64_t in_cr4[] = {c4::smep, c4::smap, c4::pke, c4::pks};
    const paging::paging_registers& r = guest_.machine.registers;
    switch (random(8)) {
      case 0: write(control_register::cr0, r.cr0 ^ c0::wp); break;
      case 1: write(control_register::efer, r.efer ^ paging::efer::nxe); break;
      case 2: write(control_register::pkru, random(1 << (2 * keys))); break;
      case 3: write(control_register::pkrs, random(1 << (2 * keys)) & ~std::uint64_t{3}); break;
      default: write(control_register::cr4, r.cr4 ^ in_cr4[random(4)]); break;
    }
  }
  void write(control_register which, std::uint64_t value) { EXPECT_TRUE(guest_.machine.write_register(which, value)); }

  shadow_guest guest_;
  std::mt19937_64 draw_;
};

class vmm_shadow_toggles : public testing::TestWithParam<shadow_policy> {};

TEST_P(vmm_shadow_toggles, of_all_that_rights_hang_on_change_no_access) {
  const std::uint64_t seed = from_environment("NESTWALK_SEED", 1);
  const std::uint64_t steps = from_environment("NESTWALK_OPERATIONS", 20'000);
  toggling_guest guest(GetParam(), seed);
  for (std::uint64_t i = 0; i < steps && !HasFailure(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(i));
    guest.step();
  }
  guest_machine& machine = guest.machine();
  std::cout << "seed " << seed << ": " << steps << " steps, " << machine.count("shadow.roots_reused")
            << " returns to a root, " << machine.count("shadow.supervisor_only") << " entries for CR0.WP = 0\n";
  EXPECT_FALSE(machine.first_difference());
  EXPECT_GT(machine.count("shadow.roots_reused"), steps / 20);
  EXPECT_GT(machine.count("shadow.supervisor_only"), steps / 500);
}

TEST_P(vmm_shadow_toggles, a_page_opened_to_the_supervisor_before_keys_were_on_obeys_its_key) {
  shadow_guest g(shadow(GetParam()));
  const std::uint64_t key_1 = std::uint64_t{1} << bit::key_shift;
  g.tables.map(user, data_page, 12, (leaf::x86_clean & ~std::uint64_t{bit::rw}) | key_1);
  g.machine.write_register(control_register::cr0, c0::pe | c0::pg);
  EXPECT_FALSE(g.machine.store(user, 9).fault);
  g.machine.write_register(control_register::cr4, g.machine.registers.cr4 | c4::pke);
  g.machine.write_register(control_register::pkru, 4);
  EXPECT_EQ(g.machine.load(user).fault.error_code, paging::pf::p | paging::pf::pk);
}

INSTANTIATE_TEST_SUITE_P(both, vmm_shadow_toggles,
                         testing::Values(shadow_policy::write_protect, shadow_policy::out_of_sync),
                         [](const auto& info) {
                           return info.param == shadow_policy::write_protect ? "write_protect" : "out_of_sync";
                         });

}  // namespace
}  // namespace nestwalk::test
