#include <gtest/gtest.h>

#include "guest/plain_machine.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::guest::testing {
namespace {

namespace entry = paging::x86_entry;

TEST(boot, turns_on_what_the_kernel_relies_on) {
  plain_machine machine(small_config());
  EXPECT_NE(machine.registers().cr0 & paging::cr0::wp, 0u);
  for (const std::uint64_t bit : {paging::cr4::smep, paging::cr4::smap, paging::cr4::pge, paging::cr4::pcide})
    EXPECT_NE(machine.registers().cr4 & bit, 0u);
  EXPECT_NE(machine.registers().efer & paging::efer::nxe, 0u);
  EXPECT_EQ(machine.domain().guest.format.levels, 4u);
}

TEST(boot, maps_all_memory_for_the_kernel_alone) {
  kernel_config config = small_config();
  config.memory = gibibyte + 64 * mebibyte;
  config.direct_map_log2 = 30;
  plain_machine machine(config);
  const std::uint64_t base = direct_map_base(4).value;
  const paging::access store{paging::access_type::write, paging::access_mode::supervisor};
  for (const std::uint64_t at : {std::uint64_t{0}, gibibyte - 8, gibibyte, config.memory - 8}) {
    const paging::outcome found = machine.look(base + at, store);
    ASSERT_TRUE(found.mapped());
    EXPECT_EQ(found.output.value, at);
    EXPECT_TRUE(found.page.global);
    EXPECT_TRUE(found.flags_were_set);
    EXPECT_FALSE(machine.look(base + at).mapped());
    EXPECT_FALSE(machine.look(base + at, {paging::access_type::fetch, paging::access_mode::supervisor}).mapped());
  }
  EXPECT_EQ(machine.look(base, store).page.guest_size_log2, 30u);
  EXPECT_EQ(machine.look(base + gibibyte, store).page.guest_size_log2, 21u);
  EXPECT_FALSE(machine.look(base + config.memory, store).mapped());
}

TEST(boot, refuses_more_memory_than_the_direct_map_has_room_for) {
  kernel_config config = small_config();
  config.memory = (std::uint64_t{1} << 46) + 2 * mebibyte;
  EXPECT_THROW(plain_machine machine(config), input_error);
}

TEST(boot, five_levels_work_like_four) {
  kernel_config config = small_config();
  config.levels = 5;
  plain_machine machine(config);
  const std::uint64_t address = std::uint64_t{1} << 50;
  machine.map(address, 0x1000);
  std::uint64_t value = 1;
  ASSERT_TRUE(machine.write(address, 42));
  ASSERT_TRUE(machine.read(address, value));
  EXPECT_EQ(value, 42u);
  EXPECT_EQ(machine.domain().guest.format.levels, 5u);
}

TEST(demand_paging, the_first_access_maps_a_page_of_zeroes) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x2000);
  EXPECT_EQ(machine.leaf(0x10000), 0u);
  std::uint64_t value = 1;
  ASSERT_TRUE(machine.read(0x10008, value));
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(machine.faults, 1u);
  EXPECT_EQ(machine.leaf(0x11000), 0u);
  EXPECT_EQ(machine.kernel().software_translate(1, paging::gva(0x10008)),
            std::optional(paging::gpa(machine.look(0x10008).output.value)));
  EXPECT_EQ(machine.kernel().software_translate(1, paging::gva(0x11000)), std::nullopt);
}

TEST(demand_paging, a_frame_used_before_is_zeroed) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x1000);
  ASSERT_TRUE(machine.write(0x10000, 42));
  const std::uint64_t frame = machine.look(0x10000).output.value;
  machine.unmap(0x10000, 0x1000);
  machine.map(0x10000, 0x1000);
  std::uint64_t value = 1;
  ASSERT_TRUE(machine.read(0x10000, value));
  EXPECT_EQ(machine.look(0x10000).output.value, frame);
  EXPECT_EQ(value, 0u);
}

TEST(demand_paging, flags_are_set_by_the_handler_as_the_access_would) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x3000);
  std::uint64_t value = 0;
  machine.read(0x10000, value);
  machine.write(0x11000, 1);
  machine.fetch(0x12000);
  const std::uint64_t data = entry::p | entry::us | entry::rw | entry::xd | entry::a;
  EXPECT_EQ(machine.leaf(0x10000) & 0xfff0000000000fff, data);
  EXPECT_EQ(machine.leaf(0x11000) & 0xfff0000000000fff, data | entry::d);
  EXPECT_EQ(machine.leaf(0x12000) & 0xfff0000000000fff, data & ~entry::xd);
}

TEST(demand_paging, a_fetch_from_a_page_of_data_makes_it_executable) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x1000);
  ASSERT_TRUE(machine.write(0x10000, 7));
  ASSERT_TRUE(machine.fetch(0x10000));
  std::uint64_t value = 0;
  ASSERT_TRUE(machine.read(0x10000, value));
  EXPECT_EQ(value, 7u);
  EXPECT_EQ(machine.leaf(0x10000) & entry::xd, 0u);
}

TEST(demand_paging, what_is_not_mapped_is_passed_over_and_counted) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x1000);
  std::uint64_t value = 0;
  EXPECT_FALSE(machine.read(0x11000, value));
  EXPECT_FALSE(machine.write(direct_map_base(4).value, 1));
  EXPECT_FALSE(machine.read(0x0000800000000000, value));
  statistics::group root;
  machine.kernel().describe(root);
  EXPECT_EQ(root.value("page_faults.bad"), 3);
}

TEST(demand_paging, a_bad_access_ends_the_run_where_so_configured) {
  kernel_config config = small_config();
  config.bad_access = bad_access_policy::error;
  plain_machine machine(config);
  std::uint64_t value = 0;
  try {
    machine.read(0xffff7fffffffff00, value);
    FAIL();
  } catch (const input_error& error) {
    EXPECT_NE(std::string(error.what()).find("not canonical"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("0xffff7fffffffff00"), std::string::npos) << error.what();
  }
}

TEST(demand_paging, any_user_address_is_mapped_where_all_are) {
  kernel_config config = small_config();
  config.on_demand = on_demand_policy::all;
  plain_machine machine(config);
  EXPECT_TRUE(machine.write(0, 1));
  EXPECT_TRUE(machine.write(0x00007ffffffffff8, 2));
  EXPECT_FALSE(machine.write(direct_map_base(4).value, 3));
}

TEST(demand_paging, memory_that_runs_out_names_its_key) {
  kernel_config config = small_config();
  config.memory = 2 * mebibyte;
  plain_machine machine(config);
  machine.map(0, 4 * mebibyte);
  try {
    for (std::uint64_t at = 0; at < 4 * mebibyte; at += 0x1000) machine.write(at, 1);
    FAIL();
  } catch (const input_error& error) {
    EXPECT_NE(std::string(error.what()).find("guest.memory"), std::string::npos) << error.what();
  }
}

TEST(demand_paging, a_configuration_that_makes_no_machine_is_refused) {
  kernel_config config = small_config();
  config.copy_bytes = 24;
  EXPECT_THROW(plain_machine machine(config), input_error);
}

TEST(huge_pages, an_aligned_range_all_mapped_gets_one) {
  kernel_config config = small_config();
  config.pages = page_policy::pages_2m;
  plain_machine machine(config);
  machine.map(3 * mebibyte, 4 * mebibyte);
  machine.write(3 * mebibyte, 1);
  machine.write(5 * mebibyte, 2);
  EXPECT_EQ(machine.look(3 * mebibyte).page.guest_size_log2, 12u);
  EXPECT_EQ(machine.look(5 * mebibyte).page.guest_size_log2, 21u);
  EXPECT_EQ(machine.look(5 * mebibyte).output.value, machine.look(4 * mebibyte).output.value + mebibyte);
}

TEST(huge_pages, none_where_a_small_page_stands_or_rights_differ) {
  kernel_config config = small_config();
  config.pages = page_policy::pages_2m;
  plain_machine machine(config);
  machine.map(2 * mebibyte, mebibyte);
  machine.write(2 * mebibyte, 1);
  machine.map(3 * mebibyte, 3 * mebibyte);
  machine.protect(5 * mebibyte, mebibyte, false);
  machine.write(3 * mebibyte, 1);
  machine.write(4 * mebibyte, 1);
  EXPECT_EQ(machine.look(3 * mebibyte).page.guest_size_log2, 12u);
  EXPECT_EQ(machine.look(4 * mebibyte).page.guest_size_log2, 12u);
}

TEST(huge_pages, a_small_page_serves_where_no_large_frame_is_free) {
  kernel_config config = small_config();
  config.pages = page_policy::pages_2m;
  config.memory = 4 * mebibyte;
  plain_machine machine(config);
  machine.map(0, 4 * mebibyte);
  machine.write(0, 1);
  machine.write(2 * mebibyte, 1);
  EXPECT_EQ(machine.look(0).page.guest_size_log2, 21u);
  EXPECT_EQ(machine.look(2 * mebibyte).page.guest_size_log2, 12u);
}

TEST(huge_pages, a_gibibyte_where_the_policy_says) {
  kernel_config config = small_config();
  config.pages = page_policy::pages_1g;
  config.memory = 2 * gibibyte;
  plain_machine machine(config);
  machine.map(gibibyte, gibibyte + 2 * mebibyte);
  machine.write(gibibyte + 8, 1);
  machine.write(2 * gibibyte, 1);
  EXPECT_EQ(machine.look(gibibyte).page.guest_size_log2, 30u);
  EXPECT_EQ(machine.look(2 * gibibyte).page.guest_size_log2, 21u);
}

}  // namespace
}  // namespace nestwalk::guest::testing
