#include <gtest/gtest.h>

#include "nestwalk/memory/dram.h"
#include "support.h"

namespace nestwalk::memory {
namespace {

using test::bind_watched;
using test::elaborate;
using test::ns;

/// tRP 100, tRCD 20, tCL 5, a burst 2, the controller 1 ns; rows of 1 KiB, so that one bank of one channel holds
/// [0, 1K), the next one [1K, 2K), and with four banks row 1 of bank 0 starts at 4K.
struct dram_time : testing::Test {
  explicit dram_time(unsigned channels = 1) : memory("memory", config(channels)) {
    bind_watched(cpu.memory, memory.cpu_side);
    elaborate();
  }
  static dram_config config(unsigned channels) {
    dram_config c;
    c.size = 1 << 20;
    c.timing.channels = channels;
    c.timing.banks = 4;
    c.timing.row_bytes = 1024;
    c.timing.t_rp = ns(100);
    c.timing.t_rcd = ns(20);
    c.timing.t_cl = ns(5);
    c.timing.burst_time = ns(2);
    c.timing.controller = ns(1);
    return c;
  }
  static constexpr std::uint64_t next_bank = 1024;
  static constexpr std::uint64_t next_row = 4096;

  test::initiator cpu{"cpu"};
  dram memory;
};

struct dram_time_of_two_channels : dram_time {
  dram_time_of_two_channels() : dram_time(2) {}
};
struct dram_time_of_three_channels : dram_time {
  dram_time_of_three_channels() : dram_time(3) {}
};

TEST_F(dram_time, the_first_access_activates_its_row) {
  EXPECT_EQ(cpu.read(0), ns(1 + 20 + 5 + 2));
  EXPECT_EQ(memory.row_counts().bursts[calendars::no_row], 1u);
}

TEST_F(dram_time, an_open_row_needs_the_column_only) {
  cpu.read(0);
  EXPECT_EQ(cpu.read(64, ns(1000)), ns(1 + 5 + 2));
  EXPECT_EQ(memory.row_counts().bursts[calendars::same_row], 1u);
}

TEST_F(dram_time, another_row_is_precharged_first) {
  cpu.read(0);
  EXPECT_EQ(cpu.read(next_row, ns(1000)), ns(1 + 100 + 20 + 5 + 2));
  EXPECT_EQ(memory.row_counts().bursts[calendars::other_row], 1u);
}

TEST_F(dram_time, a_write_takes_the_time_of_a_read) {
  EXPECT_EQ(cpu.write(0, 1), ns(28));
  EXPECT_EQ(cpu.exchange(8, 0, 1, ns(1000)), ns(8));
}

TEST_F(dram_time, a_busy_bank_is_waited_for) {
  cpu.read(0);  // the bank is busy for 20 + 2
  EXPECT_EQ(cpu.read(64, ns(10)), ns(12 + 8));
  EXPECT_EQ(memory.row_counts().delayed, 1u);
}

TEST_F(dram_time, row_hits_follow_each_other_at_the_speed_of_the_bus) {
  cpu.read(0);
  const auto first = cpu.read(64, ns(1000));
  const auto second = cpu.read(128, ns(1000));
  const auto third = cpu.read(192, ns(1000));
  EXPECT_EQ(second - first, ns(2));
  EXPECT_EQ(third - second, ns(2));
}

TEST_F(dram_time, banks_work_side_by_side_and_share_the_bus) {
  EXPECT_EQ(cpu.read(0), ns(28));
  EXPECT_EQ(cpu.read(next_bank), ns(28 + 2)) << "only its burst waits";
  EXPECT_EQ(cpu.read(next_row), ns(22 + 128)) << "the same bank works twice";
}

TEST_F(dram_time_of_two_channels, neighbouring_bursts_use_different_channels) {
  EXPECT_EQ(cpu.read(0), ns(28));
  EXPECT_EQ(cpu.read(64), ns(28));
  EXPECT_EQ(cpu.read(128, ns(1000)), ns(8)) << "the row of the first";
}

TEST_F(dram_time_of_three_channels, channels_may_be_any_number) {
  for (std::uint64_t burst = 0; burst < 3; ++burst) EXPECT_EQ(cpu.read(64 * burst), ns(28));
  EXPECT_EQ(cpu.read(192, ns(1000)), ns(8));
  EXPECT_EQ(cpu.read(3 * next_bank, ns(2000)), ns(28)) << "the next bank of the first channel";
}

TEST_F(dram_time, an_access_over_two_bursts_ends_with_the_last) {
  EXPECT_EQ(cpu.read(60), ns(28 + 2));
  unsigned char line[128];
  EXPECT_EQ(cpu.send(cpu.payload.read(256, line, 128), ns(1000)), ns(8 + 2));
}

TEST_F(dram_time, local_time_counts_not_the_order_of_calls) {
  cpu.read(0, ns(5000));
  EXPECT_EQ(cpu.read(64, ns(1000)), ns(28)) << "earlier than the reservation that was made first";
  EXPECT_EQ(cpu.read(128, ns(5000)), ns(22 + 8)) << "behind it";
}

TEST_F(dram_time, the_simulators_time_counts_with_the_delay) {
  cpu.read(0);
  sc_core::sc_start(ns(15));
  EXPECT_EQ(cpu.read(64), ns(7 + 8));
  EXPECT_EQ(cpu.read(128, ns(985)), ns(8));
}

}  // namespace
}  // namespace nestwalk::memory
