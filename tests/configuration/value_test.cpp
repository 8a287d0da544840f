// Values and their ranges as text.
#include "nestwalk/configuration/value.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace nestwalk::configuration {
namespace {

TEST(value, of_bytes_is_written_in_the_largest_unit_that_divides_it) {
  EXPECT_EQ(written(std::uint64_t{22} << 20, "bytes"), "22MiB");
  EXPECT_EQ(written(std::uint64_t{1536} << 10, "bytes"), "1536KiB");
  EXPECT_EQ(written(std::uint64_t{1025}, "bytes"), "1025");
  EXPECT_EQ(written(std::uint64_t{0}, "bytes"), "0");
  EXPECT_EQ(written(std::uint64_t{1024}, "entries"), "1024");
}

TEST(value, with_a_fraction_has_the_fewest_digits_that_read_back) {
  const std::vector<std::pair<double, std::string>> cases = {{0.4, "0.4"},
                                                             {14.25, "14.25"},
                                                             {-1.0, "-1"},
                                                             {0.0, "0"},
                                                             {1e9, "1000000000"},
                                                             {123456789012345680.0, "1.2345678901234568e+17"},
                                                             {0.001, "0.001"},
                                                             {0.00001, "1e-05"},
                                                             {0.1 + 0.2, "0.30000000000000004"},
                                                             {std::numeric_limits<double>::infinity(), "inf"},
                                                             {-std::numeric_limits<double>::infinity(), "-inf"}};
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(written(number, "ns"), text);
    if (std::isfinite(number)) {
      EXPECT_EQ(parsed(numbers{}, text, ""), value(number)) << text;
    }
  }
}

TEST(value, of_a_name_is_quoted_and_of_a_truth_is_not) {
  EXPECT_EQ(written(std::string("lru"), ""), "\"lru\"");
  EXPECT_EQ(written(true, ""), "true");
}

TEST(value, is_read_by_what_its_key_takes) {
  EXPECT_EQ(parsed(whole_numbers{}, "0x10", ""), value(std::uint64_t{16}));
  EXPECT_EQ(parsed(whole_numbers{}, "3MiB", "bytes"), value(std::uint64_t{3} << 20));
  EXPECT_EQ(parsed(whole_numbers{}, "3.5", ""), value(std::string("3.5")));
  EXPECT_EQ(parsed(numbers{}, "3", ""), value(3.0));
  EXPECT_EQ(parsed(truths{}, "true", ""), value(true));
  EXPECT_EQ(parsed(names{{"true"}}, "true", ""), value(std::string("true")));
}

TEST(value, is_admitted_within_its_range_alone) {
  value inside = std::uint64_t{64}, beyond = std::uint64_t{65}, fraction = 0.5;
  EXPECT_TRUE(admits(whole_numbers{1, 64}, inside));
  EXPECT_FALSE(admits(whole_numbers{1, 64}, beyond));
  EXPECT_FALSE(admits(whole_numbers{0, 64}, fraction));
  value whole = std::uint64_t{1};
  EXPECT_TRUE(admits(numbers{0, 2}, whole));
  EXPECT_EQ(whole, value(1.0));
  value fifo = std::string("fifo"), mru = std::string("mru");
  EXPECT_TRUE(admits(names{{"lru", "fifo"}}, fifo));
  EXPECT_FALSE(admits(names{{"lru", "fifo"}}, mru));
}

TEST(value, range_is_described_with_its_type) {
  EXPECT_EQ(described_with_type(whole_numbers{1 << 20, std::uint64_t{4} << 30}, "bytes"),
            "a whole number from 1MiB to 4GiB");
  EXPECT_EQ(described(whole_numbers{2, std::numeric_limits<std::uint64_t>::max()}, ""), "from 2 up");
  EXPECT_EQ(described_with_type(numbers{0.01, 1e9}, "ns"), "a number from 0.01 to 1000000000");
  EXPECT_EQ(described(names{{"lru", "fifo"}}, ""), "one of lru, fifo");
  EXPECT_EQ(described(truths{}, ""), "true or false");
}

TEST(value, a_set_of_names_is_read_in_any_order_and_written_in_one) {
  const name_sets sizes{{"4k", "2m", "1g"}};
  value v = std::string("1g+4k");
  EXPECT_TRUE(admits(sizes, v));
  EXPECT_EQ(v, value(std::string("4k+1g")));
  for (const char* const wrong : {"", "+", "4k+", "+4k", "4k++2m", "4m", "4k+4m", "4k 2m"}) {
    value given = std::string(wrong);
    EXPECT_FALSE(admits(sizes, given)) << wrong;
    EXPECT_EQ(given, value(std::string(wrong)));
  }
  EXPECT_EQ(described(sizes, ""), "one or more of 4k, 2m, 1g, joined by +");
}

}  // namespace
}  // namespace nestwalk::configuration
