#include "nestwalk/memory/sparse_store.h"

#include <cstring>
#include <sys/mman.h>

#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::memory {
namespace {

TEST(sparse_store, untouched_memory_has_no_place_and_reserves_nothing) {
  const sparse_store store(std::uint64_t{1} << 40, "store");
  EXPECT_EQ(store.find(0), nullptr);
  EXPECT_EQ(store.find((std::uint64_t{1} << 40) - 1), nullptr);
  EXPECT_EQ(store.reserved_chunks(), 0u);
}

TEST(sparse_store, a_byte_keeps_its_value_at_the_top_of_52_bits) {
  sparse_store store(sparse_store::max_size, "store");
  const std::uint64_t page = (std::uint64_t{1} << 52) - 4096;
  *store.at(page) = 0x5a;
  *store.at(page + 4095) = 0xa5;
  EXPECT_EQ(*store.find(page), 0x5a);
  EXPECT_EQ(*store.find(page + 4095), 0xa5);
  EXPECT_EQ(*store.find(page + 1), 0);
  EXPECT_EQ(store.reserved_chunks(), 1u);
}

TEST(sparse_store, pointers_stay_good_while_other_memory_is_touched) {
  sparse_store store(std::uint64_t{1} << 44, "store");
  unsigned char* const first = store.at(12345);
  *first = 7;
  for (std::uint64_t i = 1; i < 64; ++i) *store.at(i << 33) = 1;
  EXPECT_EQ(store.at(12345), first);
  EXPECT_EQ(*first, 7);
}

TEST(sparse_store, a_chunk_is_contiguous) {
  sparse_store store(1u << 24, "store");
  EXPECT_EQ(store.at(sparse_store::chunk_bytes - 1) - store.at(0),
            static_cast<std::ptrdiff_t>(sparse_store::chunk_bytes - 1));
}

TEST(sparse_store, host_memory_is_taken_for_touched_pages_only) {
  sparse_store store(1u << 30, "store");
  unsigned char* const chunk = store.at(0);
  store.at(8192)[0] = 1;
  unsigned char resident[sparse_store::chunk_bytes / 4096];
  ASSERT_EQ(mincore(chunk, sparse_store::chunk_bytes, resident), 0);
  unsigned pages = 0;
  for (const unsigned char page : resident) pages += page & 1;
  EXPECT_EQ(pages, 1u);
  EXPECT_EQ(resident[2] & 1, 1);
}

TEST(sparse_store, the_last_chunk_ends_with_the_store) {
  const sparse_store store(sparse_store::chunk_bytes + 4096, "store");
  EXPECT_EQ(store.chunk_last(0), sparse_store::chunk_bytes - 1);
  EXPECT_EQ(store.chunk_last(sparse_store::chunk_bytes), sparse_store::chunk_bytes + 4095);
}

TEST(sparse_store, what_reaches_beyond_the_size_is_not_held) {
  const sparse_store store(8192, "store");
  EXPECT_TRUE(store.holds(8191, 1));
  EXPECT_TRUE(store.holds(0, 8192));
  EXPECT_FALSE(store.holds(8191, 2));
  EXPECT_FALSE(store.holds(8192, 1));
  EXPECT_FALSE(store.holds(~std::uint64_t{0}, 2));
}

TEST(sparse_store, a_size_that_cannot_be_held_is_an_input_error_that_names_its_owner) {
  try {
    const sparse_store store((std::uint64_t{1} << 52) + 4096, "dram");
    FAIL() << "no error";
  } catch (const input_error& error) {
    EXPECT_NE(std::strstr(error.what(), "dram: a memory of 4503599627374592 bytes cannot be held"), nullptr)
        << error.what();
  }
  EXPECT_THROW(sparse_store(0, "dram"), input_error);
  EXPECT_THROW(sparse_store(4097, "dram"), input_error);
}

}  // namespace
}  // namespace nestwalk::memory
