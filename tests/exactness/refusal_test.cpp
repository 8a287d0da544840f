// What is not modelled is refused with a message, never ignored: bits of registers, of pointers and of hosts.
#include <string>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "platforms/conform/bare_mmu.h"

namespace nestwalk::test {
namespace {

using protocol::control_register;

constexpr std::uint64_t bit(unsigned n) {
  return std::uint64_t{1} << n;
}

struct refused_bits {
  const char* name;
  control_register which;
  std::uint64_t value;  ///< on top of a long-mode guest's
  bool vm_entry_takes_it = false;
  friend void PrintTo(const refused_bits& b, std::ostream* out) { *out << b.name; }
};

class refused : public testing::TestWithParam<refused_bits> {
 protected:
  refused() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }
  std::uint64_t value() const { return machine.registers().read_register(GetParam().which) | GetParam().value; }

  mutable platforms::bare_mmu machine{"machine", mmu::mmu_config{}};
  sc_core::sc_time delay;
};

TEST_P(refused, by_a_register_write_and_by_vm_entry) {
  auto& registers = machine.registers();
  registers.load_guest_register(control_register::cr4, paging::cr4::pae, delay);
  registers.load_guest_register(control_register::efer, paging::efer::lme, delay);
  registers.load_guest_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg, delay);
  const std::uint64_t before = registers.read_register(GetParam().which);
  EXPECT_FALSE(registers.write_register(GetParam().which, value(), delay));
  EXPECT_EQ(registers.why_refused().kind, paging::fault_kind::general_protection);
  if (GetParam().vm_entry_takes_it) {
    registers.load_guest_register(GetParam().which, value(), delay);
    return;
  }
  EXPECT_THROW(registers.load_guest_register(GetParam().which, value(), delay), input_error);
  EXPECT_EQ(registers.read_register(GetParam().which), before);
}

INSTANTIATE_TEST_SUITE_P(bits, refused,
                         testing::Values(refused_bits{"cr4_cet", control_register::cr4, bit(23)},
                                         refused_bits{"cr4_user_interrupts", control_register::cr4, bit(25)},
                                         refused_bits{"cr4_lass", control_register::cr4, bit(27)},
                                         refused_bits{"cr4_lam_sup", control_register::cr4, bit(28)},
                                         refused_bits{"cr4_fred", control_register::cr4, bit(32)},
                                         refused_bits{"cr3_lam_u57", control_register::cr3, bit(61)},
                                         refused_bits{"cr3_lam_u48", control_register::cr3, bit(62)},
                                         refused_bits{"cr3_beyond_width", control_register::cr3, bit(46)},
                                         refused_bits{"efer_lmsle", control_register::efer, bit(13)},
                                         refused_bits{"efer_tce", control_register::efer, bit(15)},
                                         refused_bits{"efer_svme", control_register::efer, bit(12), true},
                                         refused_bits{"pat_type_2", control_register::pat, 0x0200000000000000},
                                         refused_bits{"cr0_upper_bits", control_register::cr0, bit(32)}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(refused_cr3, has_bit_63_at_vm_entry_though_a_mov_takes_it) {
  platforms::bare_mmu machine("machine", mmu::mmu_config{});
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  sc_core::sc_time delay;
  auto& registers = machine.registers();
  registers.load_guest_register(control_register::efer, paging::efer::lme, delay);
  registers.load_guest_register(control_register::cr4, paging::cr4::pae | paging::cr4::pcide, delay);
  registers.load_guest_register(control_register::cr0, paging::cr0::pe | paging::cr0::pg, delay);
  EXPECT_TRUE(registers.write_register(control_register::cr3, 0x1000 | paging::cr3::no_flush, delay));
  EXPECT_THROW(registers.load_guest_register(control_register::cr3, 0x1000 | paging::cr3::no_flush, delay),
               input_error);
}

// The message of a VM entry that the controls do not get.
std::string refusal(const protocol::translation_controls& controls) {
  platforms::bare_mmu machine("machine", mmu::mmu_config{});
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  sc_core::sc_time delay;
  try {
    machine.registers().load_controls(controls, delay);
  } catch (const input_error& e) {
    return e.what();
  }
  return {};
}

protocol::translation_controls with_eptp(std::uint64_t eptp) {
  protocol::translation_controls c;
  c.nested_paging = true;
  c.ept.eptp = eptp;
  return c;
}

protocol::translation_controls with_host(std::uint64_t cr0, std::uint64_t cr4, std::uint64_t efer) {
  protocol::translation_controls c;
  c.nested_paging = true;
  c.format = paging::nested_kind::npt;
  c.host.cr0 = cr0;
  c.host.cr4 = cr4;
  c.host.efer = efer;
  return c;
}

constexpr std::uint64_t good_eptp = 0x1000 | 3 << 3 | 6;
constexpr std::uint64_t paged = paging::cr0::pe | paging::cr0::pg;
constexpr std::uint64_t long_mode = paging::efer::lme | paging::efer::lma;

TEST(refused_eptp, with_nothing_wrong_is_taken) {
  EXPECT_EQ(refusal(with_eptp(good_eptp)), "");
}
TEST(refused_eptp, asks_for_supervisor_shadow_stack_control) {
  EXPECT_NE(refusal(with_eptp(good_eptp | bit(7))).find("EPTP: bits 11:7"), std::string::npos);
}
TEST(refused_eptp, asks_for_three_levels) {
  EXPECT_NE(refusal(with_eptp(0x1000 | 2 << 3 | 6)).find("EPTP: bits 5:3"), std::string::npos);
}
TEST(refused_eptp, asks_for_a_write_through_memory_type) {
  EXPECT_NE(refusal(with_eptp(0x1000 | 3 << 3 | 4)).find("EPTP: bits 2:0"), std::string::npos);
}
TEST(refused_eptp, goes_beyond_the_physical_width) {
  EXPECT_NE(refusal(with_eptp(good_eptp | bit(46))).find("EPTP: bits beyond"), std::string::npos);
}
TEST(refused_host, in_long_mode_is_taken) {
  EXPECT_EQ(refusal(with_host(paged, paging::cr4::pae, long_mode)), "");
}
TEST(refused_host, pages_by_32_bit_tables) {
  EXPECT_NE(refusal(with_host(paged, 0, 0)).find("32-bit or PAE host"), std::string::npos);
}
TEST(refused_host, pages_by_pae_tables) {
  EXPECT_NE(refusal(with_host(paged, paging::cr4::pae, 0)).find("32-bit or PAE host"), std::string::npos);
}
TEST(refused_host, does_not_page) {
  EXPECT_NE(refusal(with_host(paging::cr0::pe, paging::cr4::pae, long_mode)).find("CR0.PG"), std::string::npos);
}
TEST(refused_host, has_its_caches_disabled) {
  EXPECT_NE(refusal(with_host(paged | paging::cr0::cd, paging::cr4::pae, long_mode)).find("CR0.CD"), std::string::npos);
}
TEST(refused_host, has_control_flow_enforcement_on) {
  EXPECT_NE(refusal(with_host(paged, paging::cr4::pae | bit(23), long_mode)).find("host's CR4"), std::string::npos);
}
TEST(refused_host, has_its_nested_cr3_beyond_the_physical_width) {
  protocol::translation_controls c = with_host(paged, paging::cr4::pae, long_mode);
  c.host.cr3 = bit(46);
  EXPECT_NE(refusal(c).find("nested CR3"), std::string::npos);
}
TEST(refused_controls, of_vpid_0) {
  protocol::translation_controls c = with_eptp(good_eptp);
  c.vpid = 0;
  EXPECT_NE(refusal(c).find("VPID or ASID 0"), std::string::npos);
}

}  // namespace
}  // namespace nestwalk::test
