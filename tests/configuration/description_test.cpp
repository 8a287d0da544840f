// Keys described beside the struct that they set.
#include "nestwalk/configuration/description.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/configuration/group.h"
#include "nestwalk/configuration/rules.h"

namespace nestwalk::configuration {
namespace {

enum class order : std::uint8_t { lru, fifo };

struct store_config {
  unsigned entries = 64;
  unsigned ways = 4;
  order replacement = order::lru;
  double share = 0.25;
  bool filter = true;
};

void describe(const group& into, store_config& c) {
  into.whole("entries", "entries", {0, 1024}, "entries of the store", c.entries);
  into.whole("ways", "ways", {0, 1024}, "ways of the store", c.ways);
  into.choice<order>("replacement", {{"lru", order::lru}, {"fifo", order::fifo}}, "what makes room", c.replacement);
  into.number("share", "", {0, 1}, "a share", c.share);
  into.truth("filter", "whether there is a filter", c.filter);
  into.rule(ways_divide_entries(c.entries, c.ways));
}

const key& named(const description& d, const std::string& path) {
  for (const key& k : d.keys())
    if (k.path == path) return k;
  throw std::out_of_range(path);
}

TEST(description, takes_the_defaults_from_the_struct) {
  store_config c;
  description d;
  describe(group(d), c);
  EXPECT_EQ(named(d, "entries").get(), value(std::uint64_t{64}));
  EXPECT_EQ(named(d, "replacement").get(), value(std::string("lru")));
  EXPECT_EQ(named(d, "share").get(), value(0.25));
  EXPECT_EQ(named(d, "filter").get(), value(true));
}

TEST(description, writes_into_the_struct) {
  store_config c;
  description d;
  describe(group(d), c);
  named(d, "entries").set(std::uint64_t{128});
  named(d, "replacement").set(std::string("fifo"));
  named(d, "share").set(0.5);
  named(d, "filter").set(false);
  EXPECT_EQ(c.entries, 128u);
  EXPECT_EQ(c.replacement, order::fifo);
  EXPECT_EQ(c.share, 0.5);
  EXPECT_FALSE(c.filter);
}

TEST(description, keeps_the_order_of_describing_with_unit_sentence_and_range) {
  store_config c;
  description d;
  describe(group(d), c);
  std::vector<std::string> paths;
  for (const key& k : d.keys()) paths.push_back(k.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"entries", "ways", "replacement", "share", "filter"}));
  const key& first = d.keys().front();
  EXPECT_EQ(first.unit, "entries");
  EXPECT_EQ(first.about, "entries of the store");
  EXPECT_EQ(std::get<whole_numbers>(first.allowed).most, 1024u);
  EXPECT_EQ(std::get<names>(named(d, "replacement").allowed).names, (std::vector<std::string>{"lru", "fifo"}));
}

TEST(description, of_one_struct_stands_under_as_many_paths_as_it_is_mounted_at) {
  store_config first, second;
  description d;
  const group root(d);
  describe(root.child("core0").child("tlb"), first);
  describe(root.child("core1").child("tlb"), second);
  named(d, "core1.tlb.entries").set(std::uint64_t{8});
  EXPECT_EQ(first.entries, 64u);
  EXPECT_EQ(second.entries, 8u);
}

TEST(description, writes_a_value_that_several_members_share_into_each) {
  store_config first, second;
  description d;
  group(d).truth("filter", "whether there are filters", first.filter, second.filter);
  d.keys().front().set(false);
  EXPECT_FALSE(first.filter);
  EXPECT_FALSE(second.filter);
}

TEST(description, names_the_readers_of_a_key_that_not_all_read) {
  store_config c;
  description d;
  const group shadow = group(d).only_for("vmm").only_for("shadow");
  shadow.truth("filter", "whether there is a filter", c.filter);
  group(d).truth("other", "another", c.filter);
  EXPECT_EQ(d.keys()[0].read_by, (std::vector<std::string>{"vmm", "shadow"}));
  EXPECT_EQ(d.keys()[1].read_by, std::vector<std::string>{});
}

TEST(description, refuses_a_key_that_stands_twice) {
  store_config c;
  description d;
  describe(group(d), c);
  EXPECT_THROW(describe(group(d), c), std::logic_error);
  EXPECT_NO_THROW(describe(group(d).only_for("another"), c)) << "keys of another reader";
}

TEST(description, tells_the_first_broken_rule_with_the_path_of_its_group) {
  store_config good, bad;
  bad.ways = 7;
  description d;
  const group root(d);
  describe(root.child("good"), good);
  EXPECT_EQ(d.complaint(), "");
  describe(root.child("bad"), bad);
  EXPECT_EQ(d.complaint(),
            "bad.ways: 7 ways do not divide the 64 entries of bad.entries; 4 ways would, and 0 makes it fully "
            "associative");
  bad.ways = 0;
  EXPECT_EQ(d.complaint(), "") << "rules look at the values that stand now";
}

}  // namespace
}  // namespace nestwalk::configuration
