// Nested paging: the second stage follows the guest's reach, and comes apart where pages are taken back.
#include <gtest/gtest.h>

#include "guest_machine.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::test {
namespace {

using paging::nested_kind;
using protocol::exit_reason;

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;
constexpr std::uint64_t user = 0x40'0000;

vmm::vmm_config nested(nested_kind format = nested_kind::ept, unsigned backing_log2 = 21) {
  vmm::vmm_config c;
  c.format = format;
  c.backing_log2 = backing_log2;
  c.guest_memory = 64 * mib;
  c.host_base = gib;
  c.host_size = gib;
  return c;
}

// A guest whose page at `user` is gpa 0x80'0000, with tables from 1 MiB up.
struct nested_guest {
  guest_machine machine;
  table_builder tables;

  explicit nested_guest(const vmm::vmm_config& c)
      : machine("machine", c), tables(started(machine), {4, mib, leaf::x86_clean}) {
    tables.map(user, 8 * mib, 12, leaf::x86_clean);
    tables.map(user + 4096, 8 * mib + 4096, 12, leaf::x86_clean);
    machine.enter_long_mode(tables.root());
  }
  static table_memory started(guest_machine& machine) {
    machine.start();
    return machine.image();
  }
};

TEST(vmm_nested, register_writes_and_flushes_of_the_guest_do_not_exit) {
  nested_guest g(nested());
  g.machine.invlpg(paging::gva(user));
  EXPECT_TRUE(g.machine.exits.empty());
}

TEST(vmm_nested, a_violation_maps_the_block_that_backs_the_address) {
  nested_guest g(nested());
  EXPECT_EQ(g.machine.store(user, 0x1234).exits, 2u);  // the tables' 2 MiB, then the page's
  EXPECT_EQ(g.machine.exits, std::vector<exit_reason>(2, exit_reason::ept_violation));
  EXPECT_EQ(g.machine.load(user + 4096).exits, 0u);
  EXPECT_EQ(g.machine.count("memory.backed_2m"), 2u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_nested, a_4k_backing_takes_a_violation_a_page) {
  nested_guest g(nested(nested_kind::ept, 12));
  EXPECT_EQ(g.machine.load(user).exits, 5u);
  EXPECT_EQ(g.machine.load(user + 4096).exits, 1u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_nested, a_1g_backing_needs_an_aligned_gibibyte_of_guest_memory) {
  vmm::vmm_config c = nested(nested_kind::ept, 30);
  c.guest_memory = gib + 64 * mib;
  c.host_size = 4 * gib;
  nested_guest g(c);
  EXPECT_EQ(g.machine.load(user).exits, 1u);
  g.tables.map(2 * user, gib + 4 * mib, 12, leaf::x86_clean);
  EXPECT_EQ(g.machine.load(2 * user).exits, 1u);
  EXPECT_EQ(g.machine.count("memory.backed_1g"), 1u);
  EXPECT_EQ(g.machine.count("memory.backed_2m"), 1u);
}

TEST(vmm_nested, npt_faults_are_answered_alike) {
  vmm::vmm_config c = nested(nested_kind::npt);
  nested_guest g(c);
  EXPECT_EQ(g.machine.store(user, 7).exits, 2u);
  EXPECT_EQ(g.machine.exits.front(), exit_reason::nested_page_fault);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_nested, five_levels_map_as_four_do) {
  vmm::vmm_config c = nested();
  c.nested_levels = 5;
  nested_guest g(c);
  EXPECT_EQ(g.machine.store(user, 7).exits, 2u);
  EXPECT_EQ(g.machine.cpu.written.translation.ept.eptp >> 3 & 7, 4u);
  EXPECT_FALSE(g.machine.first_difference());
}

TEST(vmm_nested, an_address_beyond_guest_memory_is_an_error_that_names_it) {
  nested_guest g(nested());
  g.tables.map(user, 65 * mib, 12, leaf::x86_clean);
  try {
    g.machine.load(user);
    FAIL() << "nothing was thrown";
  } catch (const input_error& e) {
    EXPECT_NE(std::string(e.what()).find("0x4100000"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("guest_memory"), std::string::npos) << e.what();
  }
}

class vmm_nested_reclaim : public testing::TestWithParam<nested_kind> {};

TEST_P(vmm_nested_reclaim, keeps_the_bytes_and_flushes) {
  vmm::vmm_config c = nested(GetParam());
  c.reclaim = {256, 1, 64};
  nested_guest g(c);
  for (std::uint64_t round = 0; round < 200; ++round) {
    const std::uint64_t page = 12 * mib + (round % 40) * 4096;
    g.tables.map(2 * user, page, 12, leaf::x86_clean);
    g.machine.invlpg(paging::gva(2 * user));
    EXPECT_EQ(g.machine.load(2 * user).loaded, g.machine.native.read(page)) << "round " << round;
    g.machine.store(2 * user, round);
    g.machine.load(user);
    EXPECT_EQ(g.machine.load(2 * user).loaded, round) << "by the TLB, unless the page was taken back meanwhile";
  }
  EXPECT_GT(g.machine.count("memory.reclaimed"), 100u);
  EXPECT_GT(g.machine.count("memory.restored"), 0u);
  EXPECT_GT(g.machine.count("nested.splits"), 0u);
  EXPECT_FALSE(g.machine.first_difference());
}

INSTANTIATE_TEST_SUITE_P(formats, vmm_nested_reclaim, testing::Values(nested_kind::ept, nested_kind::npt),
                         [](const auto& info) { return info.param == nested_kind::ept ? "ept" : "npt"; });

}  // namespace
}  // namespace nestwalk::test
