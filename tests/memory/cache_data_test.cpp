#include <array>

#include <gtest/gtest.h>

#include "nestwalk/memory/cache.h"
#include "nestwalk/memory/dram.h"
#include "support.h"
#include "support/kept_warnings.h"
#include "support/resident_memory.h"

namespace nestwalk::memory {
namespace {

using test::bind_watched;
using test::elaborate;
using test::ns;

cache_config small() {
  cache_config c;
  c.size = 256;
  c.ways = 2;
  c.latency_cycles = 3;
  return c;
}

struct cache_over_dram : testing::Test {
  cache_over_dram() {
    bind_watched(cpu.memory, l1.cpu_side);
    bind_watched(other.memory, l1.cpu_side);
    bind_watched(device.memory, memory.cpu_side);
    bind_watched(l1.memory_side, memory.cpu_side);
    elaborate();
  }
  static dram_config config() {
    dram_config c;
    c.size = 1 << 22;
    return c;
  }
  test::initiator cpu{"cpu"};
  test::initiator other{"other"};
  test::initiator device{"device"};
  cache l1{"l1", small()};
  dram memory{"memory", config()};
};

TEST_F(cache_over_dram, a_write_hit_is_in_the_drams_bytes_at_once) {
  cpu.write(8, 1);
  cpu.write(8, 2);
  EXPECT_EQ(*memory.store().find(8), 2);
}

TEST_F(cache_over_dram, zeros_take_none_of_the_hosts_memory_where_much_is_held) {
  // KiB that the host gives while a chunk is filled with a byte.
  const auto taken_by = [&](std::uint64_t chunk, unsigned char byte) {
    std::array<unsigned char, 64> bytes;
    bytes.fill(byte);
    const std::uint64_t first = chunk * sparse_store::chunk_bytes;
    const void* const place = memory.store().at(first);
    const std::uint64_t before = nestwalk::test::resident_kib(place);
    for (std::uint64_t at = first; at < first + sparse_store::chunk_bytes; at += bytes.size())
      cpu.send(cpu.payload.write(at, bytes.data(), bytes.size()));
    return nestwalk::test::resident_kib(place) - before;
  };
  constexpr std::uint64_t whole = sparse_store::chunk_bytes / 1024;
  EXPECT_GE(taken_by(0, 0), whole) << "zeros are stored as anything else while little is held";
  sparse_store much((sparse_store::plenty + 1) * sparse_store::chunk_bytes, "much");
  for (std::uint64_t chunk = 0; chunk <= sparse_store::plenty; ++chunk) much.at(chunk * sparse_store::chunk_bytes);
  EXPECT_EQ(taken_by(1, 0), 0u);
  EXPECT_GE(taken_by(1, 1), whole);
}

TEST_F(cache_over_dram, zeros_take_the_place_of_what_was_there) {
  std::array<unsigned char, 64> bytes{};
  bytes.back() = 1;
  cpu.send(cpu.payload.write(128, bytes.data(), bytes.size()));
  bytes.back() = 0;
  cpu.send(cpu.payload.write(128, bytes.data(), bytes.size()));
  EXPECT_EQ(device.value_at(128 + 56), 0u);
}

TEST_F(cache_over_dram, a_hit_reads_what_the_dram_holds) {
  cpu.read(8);
  device.write(8, 7);
  EXPECT_EQ(cpu.value_at(8), 7u);
}

TEST_F(cache_over_dram, a_write_back_brings_no_old_bytes) {
  cpu.write(0, 1);
  device.write(8, 2);
  for (std::uint64_t n = 1; n < 5; ++n) cpu.read(128 * n);
  ASSERT_EQ(l1.counts().write_backs, 1u);
  EXPECT_EQ(memory.counts().writes, 2u);
  EXPECT_EQ(device.value_at(0), 1u);
  EXPECT_EQ(device.value_at(8), 2u);
}

TEST_F(cache_over_dram, every_length_and_alignment_is_copied_whole) {
  for (unsigned length = 1; length <= 200; ++length) {
    std::vector<unsigned char> out(length), in(length);
    for (unsigned i = 0; i < length; ++i) out[i] = static_cast<unsigned char>(length + 3 * i);
    const std::uint64_t address = 4096 + 37 * length;
    cpu.send(cpu.payload.write(address, out.data(), length));
    ASSERT_EQ(cpu.status(), tlm::TLM_OK_RESPONSE);
    cpu.send(cpu.payload.read(address, in.data(), length));
    EXPECT_EQ(in, out) << length;
    EXPECT_EQ(0, std::memcmp(memory.store().find(address), out.data(), length)) << length;
  }
}

TEST_F(cache_over_dram, byte_enables_hold_in_a_hit) {
  cpu.write(0, 0x1111111111111111);
  unsigned char enables[8] = {TLM_BYTE_ENABLED};
  std::uint64_t value = ~std::uint64_t{0};
  auto& p = cpu.payload.write(0, &value, 8);
  p.set_byte_enable_ptr(enables);
  p.set_byte_enable_length(8);
  cpu.send(p);
  p.set_byte_enable_ptr(nullptr);
  EXPECT_EQ(cpu.value_at(0), 0x11111111111111ffu);
}

TEST_F(cache_over_dram, an_exchange_is_performed_in_the_cache) {
  cpu.write(8, 5);
  const auto before = memory.counts().reads;
  EXPECT_EQ(cpu.exchange(8, 5, 6), ns(3));
  EXPECT_TRUE(cpu.payload.exchange().performed);
  EXPECT_TRUE(cpu.payload.exchange().swapped);
  EXPECT_EQ(cpu.data, 5u);
  cpu.exchange(8, 5, 7);
  EXPECT_FALSE(cpu.payload.exchange().swapped);
  EXPECT_EQ(cpu.data, 6u);
  EXPECT_EQ(device.value_at(8), 6u);
  EXPECT_EQ(memory.counts().exchanges, 0u);
  EXPECT_EQ(memory.counts().reads, before + 1);
}

TEST_F(cache_over_dram, an_exchange_that_misses_fetches_its_line) {
  device.write(8, 5);
  cpu.exchange(8, 5, 6);
  EXPECT_TRUE(cpu.payload.exchange().swapped);
  EXPECT_EQ(l1.counts().write_misses, 1u);
  EXPECT_EQ(cpu.served_by(), protocol::memory_level::dram);
  EXPECT_EQ(device.value_at(8), 6u);
}

TEST_F(cache_over_dram, an_unaligned_exchange_is_refused_and_changes_nothing) {
  cpu.write(0, 0);
  cpu.exchange(2, 0, 1);
  EXPECT_EQ(cpu.status(), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(cpu.value_at(0), 0u);
}

TEST_F(cache_over_dram, a_timed_initiator_gets_no_grant) {
  tlm::tlm_dmi grant;
  EXPECT_FALSE(cpu.ask(0, grant));
  EXPECT_TRUE(grant.is_none_allowed());
  cpu.read(0);
  EXPECT_FALSE(cpu.payload.current().is_dmi_allowed());
}

TEST_F(cache_over_dram, an_address_error_from_below_is_passed_up_and_changes_nothing) {
  const std::uint64_t end = 1 << 22;
  cpu.write(end - 8, 1);
  cpu.write(end - 4, ~std::uint64_t{0});
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(cpu.value_at(end - 8), 1u);
  cpu.read(end);
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_FALSE(l1.holds(end));
  EXPECT_EQ(l1.counts().errors, 2u);
}

TEST_F(cache_over_dram, streaming_is_a_burst_error) {
  cpu.read(0);
  auto& p = cpu.payload.read(0, &cpu.data, 8);
  p.set_streaming_width(4);
  cpu.send(p);
  EXPECT_EQ(p.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_F(cache_over_dram, a_streaming_width_of_0_is_served_as_the_length) {
  const nestwalk::test::kept_warnings of_the_monitor;
  cpu.write(8, 7);
  auto& p = cpu.payload.read(8, &cpu.data, 8);
  p.set_streaming_width(0);
  cpu.send(p);
  EXPECT_TRUE(p.is_response_ok());
  EXPECT_EQ(cpu.data, 7u);
}

TEST_F(cache_over_dram, what_asks_for_nothing_succeeds_anywhere) {
  const nestwalk::test::kept_warnings of_the_monitor;
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    auto& empty = cpu.payload.write(at, nullptr, 0);
    cpu.send(empty);
    EXPECT_TRUE(empty.is_response_ok());
    auto& ignored = cpu.payload.read(at, &cpu.data, 8);
    ignored.set_command(tlm::TLM_IGNORE_COMMAND);
    cpu.send(ignored);
    EXPECT_TRUE(ignored.is_response_ok());
  }
}

TEST_F(cache_over_dram, what_is_not_cached_gives_no_hint_of_the_dmi_that_a_cache_refuses) {
  auto& ignored = cpu.payload.read(0, &cpu.data, 8);
  ignored.set_command(tlm::TLM_IGNORE_COMMAND);  // goes down to the dram, which grants
  cpu.send(ignored);
  EXPECT_FALSE(ignored.is_dmi_allowed());
}

TEST_F(cache_over_dram, initiators_share_the_lines) {
  cpu.write(0, 9);
  EXPECT_EQ(other.value_at(0), 9u);
  EXPECT_EQ(l1.counts().read_hits, 1u);
}

/// Over a target that knows no extension of ours.
struct cache_over_plain : testing::Test {
  cache_over_plain() {
    bind_watched(cpu.memory, upper.cpu_side);
    bind_watched(upper.memory_side, lower.cpu_side);
    bind_watched(lower.memory_side, memory.cpu_side);
    elaborate();
  }
  test::initiator cpu{"cpu"};
  cache upper{"upper", small()};
  cache lower{"lower", small()};
  test::plain_target memory{"memory", 4096};
};

TEST_F(cache_over_plain, data_survive_write_backs_that_the_target_performs) {
  for (std::uint64_t a = 0; a < 4096; a += 8) cpu.write(a, a + 1);
  for (std::uint64_t a = 0; a < 4096; a += 8) EXPECT_EQ(cpu.value_at(a), a + 1);
  EXPECT_GT(lower.counts().write_backs, 0u);
}

TEST_F(cache_over_plain, without_a_grant_accesses_go_down_as_they_are) {
  memory.grants = false;
  EXPECT_EQ(cpu.write(8, 3), ns(100));
  EXPECT_EQ(cpu.value_at(8), 3u);
  EXPECT_FALSE(upper.holds(8));
  EXPECT_EQ(upper.counts().uncached, 2u);
  ASSERT_EQ(memory.calls.size(), 2u);
  EXPECT_EQ(memory.calls[0].address, 8u);
  EXPECT_EQ(memory.calls[0].length, 8u);
}

TEST_F(cache_over_plain, a_line_that_the_memory_holds_in_part_only_is_not_cached) {
  memory.bytes.resize(96);
  cpu.write(80, 3);
  EXPECT_EQ(cpu.value_at(80), 3u);
  EXPECT_EQ(upper.counts().uncached, 2u);
  EXPECT_FALSE(upper.holds(80));
}

TEST_F(cache_over_plain, an_exchange_without_a_grant_is_left_to_the_initiator) {
  memory.grants = false;
  cpu.write(8, 3);
  cpu.exchange(8, 3, 4);
  EXPECT_EQ(cpu.status(), tlm::TLM_OK_RESPONSE);
  EXPECT_FALSE(cpu.payload.exchange().performed);
  EXPECT_EQ(cpu.data, 3u) << "it was read";
  EXPECT_EQ(cpu.value_at(8), 3u);
}

TEST_F(cache_over_plain, a_grant_taken_back_is_not_used_and_is_told_upwards) {
  cpu.write(8, 3);
  memory.take_back(0, 4095);
  memory.bytes = std::vector<unsigned char>(4096, 0xee);  // another place, and nothing of the old one
  EXPECT_EQ(cpu.value_at(8), 0xeeeeeeeeeeeeeeeeu);
  ASSERT_EQ(cpu.invalidated.size(), 1u);
  EXPECT_EQ(cpu.invalidated[0], std::make_pair(std::uint64_t{0}, std::uint64_t{4095}));
}

}  // namespace
}  // namespace nestwalk::memory
