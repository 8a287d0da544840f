// Which width each instruction and register checks an address against: of linear addresses the processor's where one is
// named and the current one where it is accessed (tests/paging/guest_walk_test.cpp); of physical ones MAXPHYADDR.
#include <gtest/gtest.h>

#include "nestwalk/paging/invalidation_check.h"
#include "nestwalk/paging/register_write.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::paging {
namespace {

constexpr gva of_48_bits{0xffffaaaaaaaaa000};
constexpr gva of_57_bits{0xffaaaaaaaaaaa000};
constexpr gva of_no_width{0xaaaaaaaaaaaaa000};
constexpr std::uint64_t eptp_of_4 = 0x1000 | 3 << 3 | 6;
constexpr std::uint64_t eptp_of_5 = 0x1000 | 4 << 3 | 6;

capabilities processor(bool five_levels, vendor maker = vendor::intel) {
  capabilities c;
  c.five_levels = five_levels;
  c.maker = maker;
  return c;
}

paging_registers long_mode(bool la57) {
  paging_registers r;
  r.cr0 = cr0::pe | cr0::pg;
  r.cr4 = cr4::pae | cr4::pcide | (la57 ? cr4::la57 : 0);
  r.efer = efer::lme | efer::lma;
  return r;
}

bool invpcid_takes(gva address, const paging_registers& r, const capabilities& processor,
                   invpcid_type type = invpcid_type::individual_address) {
  return !refuses_invpcid(r, processor, type, 1, address);
}
bool invvpid_takes(gva address, const capabilities& processor, invvpid_type type = invvpid_type::individual_address) {
  return !refuses_invvpid(type, 1, address, processor);
}

TEST(address_width, of_invpcid_is_57_bits_on_a_processor_that_has_them_whatever_cr4_says) {
  for (const vendor maker : {vendor::intel, vendor::amd}) {
    for (const bool la57 : {false, true}) {
      EXPECT_TRUE(invpcid_takes(of_48_bits, long_mode(la57), processor(true, maker)));
      EXPECT_TRUE(invpcid_takes(of_57_bits, long_mode(la57), processor(true, maker)));
      EXPECT_FALSE(invpcid_takes(of_no_width, long_mode(la57), processor(true, maker)));
    }
  }
}
TEST(address_width, of_invpcid_is_48_bits_on_a_processor_without_57) {
  EXPECT_TRUE(invpcid_takes(of_48_bits, long_mode(false), processor(false)));
  EXPECT_FALSE(invpcid_takes(of_57_bits, long_mode(false), processor(false)));
}
TEST(address_width, of_invpcid_holds_outside_long_mode_too) {
  paging_registers r;
  r.cr4 = cr4::pae;
  EXPECT_TRUE(refuses_invpcid(r, processor(true), invpcid_type::individual_address, 0, of_no_width));
  EXPECT_FALSE(refuses_invpcid(r, processor(true), invpcid_type::individual_address, 0, gva(0xfffff000)));
}
TEST(address_width, of_invpcid_is_not_checked_by_types_without_an_address) {
  for (const auto type : {invpcid_type::single_context, invpcid_type::all_with_globals, invpcid_type::all})
    EXPECT_TRUE(invpcid_takes(of_no_width, long_mode(false), processor(true), type));
}
TEST(address_width, of_invvpid_is_the_processors) {
  EXPECT_TRUE(invvpid_takes(of_57_bits, processor(true)));
  EXPECT_FALSE(invvpid_takes(of_no_width, processor(true)));
  EXPECT_TRUE(invvpid_takes(of_48_bits, processor(false)));
  EXPECT_FALSE(invvpid_takes(of_57_bits, processor(false)));
}
TEST(address_width, of_invvpid_is_not_checked_by_types_without_an_address) {
  for (const auto type :
       {invvpid_type::single_context, invvpid_type::all_context, invvpid_type::single_context_retaining_globals})
    EXPECT_TRUE(invvpid_takes(of_no_width, processor(true), type));
}
TEST(address_width, of_invlpg_is_the_processors_and_others_do_nothing) {
  EXPECT_FALSE(ignores_invlpg(of_57_bits, processor(true)));
  EXPECT_TRUE(ignores_invlpg(of_no_width, processor(true)));
  EXPECT_FALSE(ignores_invlpg(of_48_bits, processor(false)));
  EXPECT_TRUE(ignores_invlpg(of_57_bits, processor(false)));
}
TEST(address_width, of_the_eptp_that_invept_names_is_the_physical_one) {
  EXPECT_FALSE(refuses_invept(invept_type::single_context, eptp_of_4, processor(true)));
  EXPECT_TRUE(refuses_invept(invept_type::single_context, eptp_of_4 | std::uint64_t{1} << 46, processor(true)));
  EXPECT_FALSE(refuses_invept(invept_type::all_context, ~std::uint64_t{0}, processor(true)));
}
TEST(address_width, of_an_eptp_with_5_levels_needs_a_processor_that_has_them) {
  EXPECT_EQ(why_invalid_eptp(eptp_of_5, processor(true)), nullptr);
  EXPECT_NE(why_invalid_eptp(eptp_of_5, processor(false)), nullptr);
  EXPECT_EQ(why_invalid_eptp(eptp_of_4, processor(false)), nullptr);
}
TEST(address_width, of_the_nested_cr3_is_the_physical_one) {
  paging_registers host = long_mode(false);
  host.cr3 = std::uint64_t{1} << 45;
  EXPECT_EQ(why_invalid_host(host, processor(true, vendor::amd)), nullptr);
  host.cr3 = std::uint64_t{1} << 46;
  EXPECT_NE(why_invalid_host(host, processor(true, vendor::amd)), nullptr);
}
TEST(address_width, of_the_log_is_the_physical_one) {
  EXPECT_EQ(why_invalid_log(std::uint64_t{1} << 45, processor(true)), nullptr);
  EXPECT_NE(why_invalid_log(std::uint64_t{1} << 46, processor(true)), nullptr);
}
TEST(address_width, of_57_bits_cannot_be_selected_on_a_processor_without_them) {
  paging_registers r;
  r.cr4 = cr4::pae;
  EXPECT_FALSE(refuses_cr4(r, cr4::pae | cr4::la57, processor(true)));
  EXPECT_TRUE(refuses_cr4(r, cr4::pae | cr4::la57, processor(false)));
  EXPECT_NE(why_invalid_host(long_mode(true), processor(false)), nullptr);
}

TEST(invalidation_check, invvpid_and_invept_refuse_types_and_vpids_that_do_not_exist) {
  EXPECT_TRUE(refuses_invvpid(static_cast<invvpid_type>(4), 1, {}, processor(true)));
  EXPECT_TRUE(refuses_invvpid(invvpid_type::single_context, 0, {}, processor(true)));
  EXPECT_FALSE(refuses_invvpid(invvpid_type::all_context, 0, {}, processor(true)));
  EXPECT_TRUE(refuses_invept(static_cast<invept_type>(0), eptp_of_4, processor(true)));
  EXPECT_TRUE(refuses_invept(static_cast<invept_type>(3), eptp_of_4, processor(true)));
}

}  // namespace
}  // namespace nestwalk::paging
