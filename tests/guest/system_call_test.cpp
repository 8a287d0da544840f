#include <gtest/gtest.h>

#include "guest/plain_machine.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::guest::testing {
namespace {

namespace entry = paging::x86_entry;

std::uint64_t value_at(plain_machine& machine, std::uint64_t address) {
  std::uint64_t value = 0;
  EXPECT_TRUE(machine.read(address, value));
  return value;
}

TEST(fork, shares_every_page_read_only) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x1000);
  machine.write(0x10000, 7);
  const std::uint64_t frame = machine.look(0x10000).output.value;
  machine.fork(2);
  EXPECT_EQ(machine.leaf(0x10000) & entry::rw, 0u);
  machine.switch_to(2);
  EXPECT_EQ(machine.look(0x10000).output.value, frame);
  EXPECT_EQ(machine.leaf(0x10000) & (entry::rw | entry::a), 0u);
  EXPECT_EQ(value_at(machine, 0x10000), 7u);
}

TEST(fork, a_write_copies_and_the_last_owner_writes_in_place) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x1000);
  machine.write(0x10000, 7);
  machine.write(0x10ff8, 9);
  const std::uint64_t frame = machine.look(0x10000).output.value;
  machine.fork(2);
  machine.switch_to(2);
  value_at(machine, 0x10000);  // the read-only page is in the TLB when the write comes
  machine.write(0x10000, 8);
  EXPECT_EQ(machine.invlpgs, 1u);  // another frame: flushed, though the fault itself drops the address on this machine
  EXPECT_NE(machine.look(0x10000).output.value, frame);
  EXPECT_EQ(value_at(machine, 0x10000), 8u);
  EXPECT_EQ(value_at(machine, 0x10ff8), 9u);
  machine.switch_to(1);
  EXPECT_EQ(value_at(machine, 0x10000), 7u);
  machine.write(0x10000, 6);
  EXPECT_EQ(machine.look(0x10000).output.value, frame);
  machine.switch_to(2);
  EXPECT_EQ(value_at(machine, 0x10000), 8u);
  statistics::group root;
  machine.kernel().describe(root);
  EXPECT_EQ(root.value("page_faults.copy_on_write"), 1);
  EXPECT_EQ(root.value("page_faults.reuse"), 1);
}

TEST(fork, the_parent_s_right_to_write_is_flushed) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x1000);
  machine.write(0x10000, 7);
  machine.fork(2);
  machine.write(0x10000, 8);
  machine.switch_to(2);
  EXPECT_EQ(value_at(machine, 0x10000), 7u);
}

TEST(fork, large_pages_are_copied_whole) {
  kernel_config config = small_config();
  config.pages = page_policy::pages_2m;
  plain_machine machine(config);
  machine.map(2 * mebibyte, 2 * mebibyte);
  machine.write(2 * mebibyte, 7);
  machine.write(4 * mebibyte - 8, 9);
  machine.fork(2);
  machine.write(2 * mebibyte, 8);
  EXPECT_EQ(machine.look(2 * mebibyte).page.guest_size_log2, 21u);
  EXPECT_EQ(value_at(machine, 4 * mebibyte - 8), 9u);
  machine.switch_to(2);
  EXPECT_EQ(value_at(machine, 2 * mebibyte), 7u);
}

TEST(fork, a_name_in_use_is_refused) {
  plain_machine machine(small_config());
  EXPECT_THROW(machine.fork(1), input_error);
}

TEST(exit, gives_back_every_frame) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x8000);
  machine.write(0x10000, 1);
  const std::uint64_t before = machine.kernel().memory_in_use();
  machine.fork(2);
  machine.switch_to(2);
  machine.map(std::uint64_t{1} << 40, 0x8000);
  for (std::uint64_t page = 0; page < 8; ++page) {
    machine.write(0x10000 + page * 0x1000, page);
    machine.write((std::uint64_t{1} << 40) + page * 0x1000, page);
  }
  machine.exit(1);
  EXPECT_EQ(machine.kernel().memory_in_use(), before);
  EXPECT_EQ(machine.kernel().processes(), std::vector<std::uint32_t>{1});
  EXPECT_EQ(value_at(machine, 0x10000), 1u);
}

TEST(exit, a_name_free_again_means_another_process) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x1000);
  machine.write(0x10000, 1);
  for (std::uint64_t round = 0; round < 10; ++round) {
    machine.fork(2);
    machine.switch_to(2);
    EXPECT_EQ(value_at(machine, 0x10000), 1u + round);
    machine.write(0x10000, 100);
    machine.exit(1);
    machine.write(0x10000, 2 + round);
  }
}

TEST(exit, to_itself_or_to_nobody_is_refused) {
  plain_machine machine(small_config());
  EXPECT_THROW(machine.exit(1), input_error);
  EXPECT_THROW(machine.exit(2), input_error);
}

TEST(unmap, pages_and_tables_go_and_what_is_left_stays) {
  plain_machine machine(small_config());
  const std::uint64_t before = machine.kernel().memory_in_use();
  machine.map(0x10000, 0x4000);
  for (std::uint64_t page = 0; page < 4; ++page) machine.write(0x10000 + page * 0x1000, page + 1);
  machine.unmap(0x11000, 0x2000);
  std::uint64_t value = 0;
  EXPECT_FALSE(machine.read(0x11000, value));
  EXPECT_FALSE(machine.read(0x12ff8, value));
  EXPECT_EQ(value_at(machine, 0x10000), 1u);
  EXPECT_EQ(value_at(machine, 0x13000), 4u);
  machine.unmap(0x10000, 0x4000);
  EXPECT_EQ(machine.kernel().memory_in_use(), before);
}

TEST(unmap, part_of_a_large_page_splits_it) {
  kernel_config config = small_config();
  config.pages = page_policy::pages_2m;
  plain_machine machine(config);
  const std::uint64_t before = machine.kernel().memory_in_use();
  machine.map(2 * mebibyte, 2 * mebibyte);
  machine.write(2 * mebibyte, 1);
  machine.write(3 * mebibyte, 2);
  machine.write(4 * mebibyte - 8, 3);
  machine.unmap(3 * mebibyte, 0x1000);
  std::uint64_t value = 0;
  EXPECT_FALSE(machine.read(3 * mebibyte, value));
  EXPECT_EQ(machine.look(2 * mebibyte).page.guest_size_log2, 12u);
  EXPECT_EQ(value_at(machine, 2 * mebibyte), 1u);
  EXPECT_EQ(value_at(machine, 4 * mebibyte - 8), 3u);
  machine.unmap(2 * mebibyte, 2 * mebibyte);
  EXPECT_EQ(machine.kernel().memory_in_use(), before);
}

TEST(unmap, part_of_a_large_page_shared_since_fork_leaves_the_other_s_whole) {
  kernel_config config = small_config();
  config.pages = page_policy::pages_2m;
  plain_machine machine(config);
  machine.map(2 * mebibyte, 2 * mebibyte);
  machine.write(2 * mebibyte, 1);
  machine.fork(2);
  machine.unmap(3 * mebibyte, 0x1000);
  machine.write(2 * mebibyte, 5);
  machine.write(2 * mebibyte + 0x5000, 6);
  machine.switch_to(2);
  EXPECT_EQ(value_at(machine, 2 * mebibyte + 0x5000), 0u);
  EXPECT_EQ(machine.look(3 * mebibyte).page.guest_size_log2, 21u);
  EXPECT_EQ(value_at(machine, 2 * mebibyte), 1u);
}

TEST(unmap, a_gibibyte_is_split_down_to_the_hole) {
  kernel_config config = small_config();
  config.pages = page_policy::pages_1g;
  config.memory = 2 * gibibyte;
  config.copy_bytes = 64;
  plain_machine machine(config);
  machine.map(gibibyte, gibibyte);
  machine.write(gibibyte, 1);
  machine.unmap(gibibyte + 0x1000, 0x1000);
  EXPECT_EQ(machine.look(gibibyte).page.guest_size_log2, 12u);
  EXPECT_EQ(machine.look(gibibyte + 2 * mebibyte).page.guest_size_log2, 21u);
  EXPECT_EQ(value_at(machine, gibibyte), 1u);
}

TEST(unmap, a_range_outside_the_user_half_is_refused) {
  plain_machine machine(small_config());
  EXPECT_THROW(machine.unmap(0x00007ffffffff000, 0x2000), input_error);
  EXPECT_THROW(machine.map(0x1000, 0), input_error);
}

TEST(protect, writes_are_refused_until_permitted_again) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x2000);
  machine.write(0x10000, 1);
  machine.protect(0x10000, 0x2000, false);
  EXPECT_FALSE(machine.write(0x10000, 2));
  EXPECT_FALSE(machine.write(0x11000, 2));
  EXPECT_EQ(value_at(machine, 0x10000), 1u);
  EXPECT_EQ(value_at(machine, 0x11000), 0u);
  machine.protect(0x10000, 0x2000, true);
  EXPECT_TRUE(machine.write(0x10000, 3));
  EXPECT_TRUE(machine.write(0x11000, 4));
  EXPECT_EQ(value_at(machine, 0x10000), 3u);
}

TEST(flush, page_by_page_up_to_the_threshold_and_the_whole_context_beyond) {
  kernel_config config = small_config();
  config.pcid = false;
  config.flush_pages = 4;
  plain_machine machine(config);
  machine.map(0x10000, 0x10000);
  for (std::uint64_t page = 0; page < 9; ++page) machine.write(0x10000 + page * 0x1000, page);
  const std::uint64_t loads_of_cr3 = machine.cr3_flushes;
  machine.protect(0x10000, 0x4000, false);
  EXPECT_EQ(machine.invlpgs, 4u);
  EXPECT_EQ(machine.cr3_flushes, loads_of_cr3);
  machine.protect(0x14000, 0x5000, false);
  EXPECT_EQ(machine.invlpgs, 4u);
  EXPECT_EQ(machine.cr3_flushes, loads_of_cr3 + 1);
}

TEST(flush, by_invpcid_where_so_configured) {
  kernel_config config = small_config();
  config.flush_by_invpcid = true;
  plain_machine machine(config);
  machine.map(0x10000, 0x1000);
  machine.write(0x10000, 1);
  machine.fork(2);
  EXPECT_EQ(machine.invpcids, 1u);
  machine.write(0x10000, 2);
  machine.switch_to(2);
  EXPECT_EQ(value_at(machine, 0x10000), 1u);
}

TEST(flush, none_is_spent_on_rights_that_are_only_given) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x4000);
  const std::uint64_t loads_of_cr3 = machine.cr3_flushes;
  for (std::uint64_t page = 0; page < 4; ++page) machine.write(0x10000 + page * 0x1000, page);
  machine.fetch(0x10000);
  EXPECT_EQ(machine.invlpgs, 0u);
  EXPECT_EQ(machine.cr3_flushes, loads_of_cr3);
}

TEST(pcid, a_process_that_still_has_its_own_keeps_what_is_cached) {
  kernel_config config = small_config();
  config.pcids = 2;
  plain_machine machine(config);
  machine.switch_to(2);
  const std::uint64_t flushes = machine.cr3_flushes;
  machine.switch_to(1);
  machine.switch_to(2);
  EXPECT_EQ(machine.cr3_flushes, flushes);
  EXPECT_EQ(machine.cr3_kept, 2u);
}

TEST(pcid, one_that_goes_to_another_process_is_flushed) {
  kernel_config config = small_config();
  config.pcids = 2;
  plain_machine machine(config);
  for (std::uint32_t process = 1; process <= 3; ++process) {
    machine.switch_to(process);
    machine.map(0x10000, 0x1000);
    machine.write(0x10000, process);
  }
  const std::uint64_t kept = machine.cr3_kept;
  for (std::uint32_t process = 1; process <= 3; ++process) {
    machine.switch_to(process);
    EXPECT_EQ(value_at(machine, 0x10000), process);
  }
  EXPECT_EQ(machine.cr3_kept, kept);
  statistics::group root;
  machine.kernel().describe(root);
  EXPECT_EQ(root.value("recycled_pcids"), 4);
}

TEST(record, an_entry_that_is_not_what_was_stored_is_noticed) {
  plain_machine machine(small_config());
  machine.map(0x10000, 0x1000);
  machine.write(0x10000, 1);
  machine.word(machine.registers().cr3 & ~std::uint64_t{0xfff}) ^= 0x1000;
  machine.map(0x20000, 0x1000);
  paging::fault not_present;
  not_present.kind = paging::fault_kind::page_fault;
  not_present.level = 1;
  not_present.error_code = paging::pf::us;
  not_present.linear = paging::gva(0x20000);
  EXPECT_THROW(machine.kernel().page_fault(not_present), std::logic_error);
}

}  // namespace
}  // namespace nestwalk::guest::testing
