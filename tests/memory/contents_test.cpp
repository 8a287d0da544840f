// A memory over given contents: it holds what they hold, in their place, and nothing else.
#include "nestwalk/memory/contents.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "memory/support.h"
#include "nestwalk/memory/dram.h"

namespace nestwalk::memory {
namespace {

constexpr std::uint64_t chunk = sparse_store::chunk_bytes;

/// Three runs: one within a chunk, one that fills a chunk and reaches into both its neighbours, and one right behind
/// that lies elsewhere on the host. A byte holds its address over 4096.
class three_runs : public contents {
 public:
  three_runs() {
    add(0x2000, 0x3000);
    add(2 * chunk - 0x1000, 3 * chunk + 0x1000);
    add(3 * chunk + 0x1000, 3 * chunk + 0x2000);
    restore();
  }

  run around(std::uint64_t address) const override {
    run hole{0, ~std::uint64_t{0}, nullptr};
    for (const piece& each : pieces_) {
      const std::uint64_t last = each.first + each.bytes.size() - 1;
      if (address >= each.first && address <= last)
        return {each.first, last, const_cast<unsigned char*>(each.bytes.data())};
      if (last < address) hole.first = std::max(hole.first, last + 1);
      if (each.first > address) hole.last = std::min(hole.last, each.first - 1);
    }
    return hole;
  }
  void restore() override {
    for (piece& each : pieces_)
      for (std::size_t i = 0; i < each.bytes.size(); ++i)
        each.bytes[i] = static_cast<unsigned char>((each.first + i) >> 12);
  }

 private:
  struct piece {
    std::uint64_t first;
    std::vector<unsigned char> bytes;
  };
  void add(std::uint64_t first, std::uint64_t end) {
    pieces_.push_back({first, std::vector<unsigned char>(end - first)});
  }

  std::vector<piece> pieces_;
};

TEST(sparse_store_over_contents, holds_what_they_hold_and_nothing_else) {
  three_runs bytes;
  sparse_store store(4 * chunk, "store", false, &bytes);
  EXPECT_TRUE(store.holds(0x2000, 0x1000));
  EXPECT_FALSE(store.holds(0x2000, 0x1001));
  EXPECT_FALSE(store.holds(0x1fff, 2));
  EXPECT_FALSE(store.holds(chunk, 1));
  EXPECT_TRUE(store.holds(2 * chunk - 0x1000, chunk + 0x3000)) << "two runs, one right behind the other";
  EXPECT_EQ(store.held(3 * chunk, 0x4000), 0x2000u);
}

TEST(sparse_store_over_contents, gives_their_place_and_reserves_nothing) {
  three_runs bytes;
  sparse_store store(4 * chunk, "store", false, &bytes);
  for (const std::uint64_t address :
       {std::uint64_t{0x2000}, 2 * chunk - 1, 2 * chunk, 3 * chunk - 1, 3 * chunk + 0xfff, 3 * chunk + 0x1000}) {
    const contents::run run = bytes.around(address);
    EXPECT_EQ(store.at(address), run.host + (address - run.first)) << std::hex << address;
    EXPECT_EQ(store.find(address), run.host + (address - run.first)) << std::hex << address;
  }
  EXPECT_EQ(store.find(0x3000), nullptr);
  EXPECT_EQ(store.reserved_chunks(), 0u);
}

TEST(sparse_store_over_contents, a_piece_ends_with_its_run_and_with_its_chunk) {
  three_runs bytes;
  sparse_store store(4 * chunk, "store", false, &bytes);
  EXPECT_EQ(store.rest(0x2008), 0xff8u);
  EXPECT_EQ(store.rest(2 * chunk - 8), 8u);
  EXPECT_EQ(store.rest(3 * chunk), 0x1000u);
  EXPECT_EQ(store.around(2 * chunk + 5).first, 2 * chunk);
  EXPECT_EQ(store.around(2 * chunk + 5).last, 3 * chunk - 1);
  EXPECT_EQ(store.around(0x5000).first, 0x3000u);
  EXPECT_EQ(store.around(0x5000).last, 2 * chunk - 0x1001);
  EXPECT_EQ(store.around(0x5000).host, nullptr);
}

/// A dram over the three runs, with one initiator.
struct dram_over_contents : testing::Test {
  dram_over_contents() {
    test::bind_watched(cpu.memory, memory.cpu_side);
    test::elaborate();
  }
  static dram_config config() {
    dram_config c;
    c.size = 4 * chunk;
    return c;
  }
  three_runs bytes;
  test::initiator cpu{"cpu"};
  dram memory{"memory", config(), &bytes};
};

TEST_F(dram_over_contents, reads_what_they_hold) {
  EXPECT_EQ(cpu.value_at(0x2008), 0x0202020202020202u);
  EXPECT_EQ(cpu.value_at(2 * chunk + 0x1ff8), 0x0101010101010101u);
  EXPECT_EQ(cpu.value_at(3 * chunk + 0xffc), 0x0101010100000000u) << "across two runs";
}

TEST_F(dram_over_contents, answers_with_an_address_error_what_they_lack) {
  for (const std::uint64_t missing : {std::uint64_t{0}, std::uint64_t{0x3000}, 3 * chunk + 0x2000, 4 * chunk - 8}) {
    cpu.write(missing, 1);
    EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << missing;
  }
  cpu.value_at(0x2ffc);
  EXPECT_EQ(cpu.status(), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "half of it is missing";
}

TEST_F(dram_over_contents, grants_no_more_than_a_run) {
  tlm::tlm_dmi grant;
  unsigned char byte = 0;
  EXPECT_TRUE(cpu.memory->get_direct_mem_ptr(cpu.payload.read(3 * chunk + 0x10, &byte, 1), grant));
  EXPECT_EQ(grant.get_start_address(), 3 * chunk);
  EXPECT_EQ(grant.get_end_address(), 3 * chunk + 0xfff);
  EXPECT_FALSE(cpu.memory->get_direct_mem_ptr(cpu.payload.read(0x1000, &byte, 1), grant));
  EXPECT_EQ(grant.get_start_address(), 0u);
  EXPECT_EQ(grant.get_end_address(), 0x1fffu);
}

TEST_F(dram_over_contents, a_debug_read_ends_where_bytes_are_missing) {
  std::vector<unsigned char> in(0x2000);
  EXPECT_EQ(cpu.memory->transport_dbg(cpu.payload.read(0x2800, in.data(), 0x2000)), 0x800u);
  EXPECT_EQ(cpu.memory->transport_dbg(cpu.payload.read(0x3000, in.data(), 8)), 0u);
}

TEST_F(dram_over_contents, clearing_takes_back_what_was_written) {
  cpu.write(0x2008, 77);
  EXPECT_EQ(cpu.value_at(0x2008), 77u);
  memory.clear();
  EXPECT_EQ(cpu.value_at(0x2008), 0x0202020202020202u);
}

}  // namespace
}  // namespace nestwalk::memory
