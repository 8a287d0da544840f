// Tags are compared whole: mappings whose tags agree in their low bits alone never meet.
#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tlb/tlb_machine.h"

namespace nestwalk::test {
namespace {

using paging::mapping_kind;
using paging::translation_tags;

unsigned seed() {
  const char* const given = std::getenv("NESTWALK_SEED");
  return given != nullptr ? static_cast<unsigned>(std::stoul(given)) : 1;
}

// Tags that agree in the low 12 bits of each part more often than not.
translation_tags draw(std::mt19937& random) {
  const auto part = [&](unsigned bits) {
    const std::uint64_t high = random() % 3;
    return ((random() % 2) | high << 12 | high << (bits - 2)) & ((std::uint64_t{1} << bits) - 1);
  };
  return {static_cast<std::uint16_t>(part(16)), static_cast<std::uint32_t>(part(20)), part(40)};
}

bool same(const translation_tags& a, const translation_tags& b, mapping_kind kind) {
  if (kind != mapping_kind::linear && a.second != b.second) return false;
  return kind == mapping_kind::guest_physical || (a.space == b.space && a.process == b.process);
}

TEST(tags, are_packed_without_loss) {
  SCOPED_TRACE("NESTWALK_SEED=" + std::to_string(seed()));
  std::mt19937 random(seed());
  for (int round = 0; round < 20'000; ++round) {
    const translation_tags a = draw(random);
    const translation_tags b = draw(random);
    for (const mapping_kind kind : {mapping_kind::linear, mapping_kind::combined, mapping_kind::guest_physical}) {
      ASSERT_EQ(pack(a, kind) == pack(b, kind), same(a, b, kind));
      ASSERT_EQ(pack(a, kind).kind(), kind);
    }
  }
}

TEST(tags, of_a_tlb_that_differ_anywhere_do_not_meet) {
  SCOPED_TRACE("NESTWALK_SEED=" + std::to_string(seed()));
  std::mt19937 random(seed());
  tlb_machine<paging::gva> m(one_array(16, 16));
  for (int round = 0; round < 5'000; ++round) {
    const translation_tags mine = draw(random);
    const translation_tags other = draw(random);
    const bool nested = random() % 2 != 0;
    const mapping_kind kind = nested ? mapping_kind::combined : mapping_kind::linear;
    paging::selector all;
    all.linear = all.combined = true;
    m.asker.invalidate(all);
    m.walker.map(0x5000, 0x9000);
    m.domain.tags = mine;
    m.domain.nested_on = nested;
    ASSERT_TRUE(m.ask(0x5000));
    ASSERT_EQ(m.hits_with_tags(0x5000, other, nested), same(mine, other, kind));
  }
}

TEST(tags, of_a_selector_that_differ_anywhere_take_nothing) {
  SCOPED_TRACE("NESTWALK_SEED=" + std::to_string(seed()));
  std::mt19937 random(seed());
  for (int round = 0; round < 20'000; ++round) {
    const translation_tags mine = draw(random);
    paging::selector s;
    s.linear = s.combined = s.guest_physical = true;
    s.match_space = s.match_process = s.match_second = true;
    s.tags = draw(random);
    for (const mapping_kind kind : {mapping_kind::linear, mapping_kind::combined, mapping_kind::guest_physical})
      ASSERT_EQ(s.tags_agree(pack(mine, kind), false), same(mine, s.tags, kind));
  }
}

}  // namespace
}  // namespace nestwalk::test
