// Arrays of every shape beside a plain one: the same hits, the same victims, the same losses.
#include "plain_array.h"

#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "nestwalk/tlb/tlb_array.h"

namespace {

using namespace nestwalk;
using paging::gpa;
using paging::gva;
using paging::selector;
using test::plain_array;
using tlb::replacement_policy;
namespace pages = tlb::pages;

struct shape {
  const char* name;
  unsigned entries;
  unsigned ways;
  unsigned operations;
  bool fragments;
};

// Looked at, by an index, by an index of several sets, by an index though the ways are few, and over trees of several
// words.
constexpr shape shapes[] = {{"few_ways", 16, 4, 20000, true},
                            {"fully_associative", 40, 0, 40000, true},
                            {"without_fragments", 40, 0, 40000, false},
                            {"many_ways", 102, 34, 20000, true},
                            {"wide", 300, 0, 40000, true},
                            {"many_entries", 4104, 4, 20000, true}};
constexpr replacement_policy policies[] = {replacement_policy::lru, replacement_policy::tree_plru,
                                           replacement_policy::fifo, replacement_policy::random};
constexpr const char* policy_names[] = {"lru", "tree_plru", "fifo", "random"};

std::uint32_t seed_of_run() {
  const char* const given = std::getenv("NESTWALK_SEED");
  return given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 1;
}

/// One array of each kind, driven alike.
template <class In>
class pair_of_arrays {
 public:
  pair_of_arrays(const shape& s, replacement_policy policy, std::uint32_t seed)
      : shape_(s),
        config_{s.entries, s.ways, pages::of_4k | pages::of_2m | pages::of_4m | pages::of_1g},
        array_(config_, policy, seed, "array"),
        plain_(config_, policy, seed),
        random_(seed) {
    for (plain_array::held& h : recent_) h = any();
  }

  void step() {
    const unsigned kind = random_() % 64;
    if (kind == 0) return invalidate();
    plain_array::held& again = recent_[below(recent_.size())];
    if (below(2) == 0) again = any();
    const plain_array::held asked = again;
    const tlb::key k = key_of(asked);
    tlb::entry* const found = array_.find(k, asked.size_index);
    plain_array::held* const expected = plain_.find(asked);
    ASSERT_EQ(found != nullptr, expected != nullptr);
    if (found == nullptr) return fill(asked, k);
    ASSERT_EQ(name_of(*found), expected->name);
    ++hits;
    if (kind < 8) {  // a hit that does not permit the access
      array_.drop_entry(found);
      expected->valid = false;
    } else if (kind < 10) {  // filled again though something answers
      fill(asked, k);
    } else {
      array_.used(found);
      plain_.used(expected);
    }
  }

  unsigned hits = 0;
  unsigned evictions = 0;
  unsigned dropped = 0;

 private:
  static constexpr bool linear = std::is_same_v<In, gva>;

  static std::uint64_t name_of(const tlb::entry& e) { return e.mapping.page.value >> 30; }
  unsigned below(std::size_t n) { return static_cast<unsigned>(random_() % n); }

  static tlb::key key_of(const plain_array::held& h) {
    paging::domain c;
    c.tags = h.tags;
    c.nested_on = h.kind != paging::mapping_kind::linear;
    return tlb::key_of(In(h.address), c);
  }

  paging::translation_tags any_tags() { return {static_cast<std::uint16_t>(below(2)), below(3), below(2)}; }
  plain_array::held any() {
    plain_array::held h;
    h.size_index = below(8) < 5 ? 0 : below(tlb::page_size_count);
    h.address = std::uint64_t{below(2)} << 47 | std::uint64_t{below(2)} << 30 | std::uint64_t{below(3)} << 21 |
                std::uint64_t{below(shape_.entries < 1000 ? 16 : 300)} << 12;
    h.tags = any_tags();
    if (!linear) {
      h.kind = paging::mapping_kind::guest_physical;
      h.tags.space = 0;
      h.tags.process = 0;
    } else if (below(2) == 0) {
      h.kind = paging::mapping_kind::combined;
    } else {
      h.tags.second = 0;
    }
    return h;
  }

  void fill(plain_array::held h, const tlb::key& k) {
    const unsigned log2 = tlb::page_size_log2[h.size_index];
    constexpr std::array<unsigned, 6> bigger{12, 21, 22, 30, 39, 63};
    h.page_log2 = shape_.fragments && below(4) == 0 ? std::max(log2, bigger[below(bigger.size())]) : log2;
    h.global = linear && below(4) == 0;
    h.name = ++fills_;
    paging::mapping<paging::hpa> m;
    m.page = paging::hpa(h.name << 30);
    m.guest_size_log2 = static_cast<std::uint8_t>(linear ? h.page_log2 : log2);
    m.nested_size_log2 = static_cast<std::uint8_t>(linear ? log2 : h.page_log2);
    m.global = h.global;
    tlb::entry* const place = array_.place_for(k, h.size_index);
    plain_array::held* const expected = plain_.place_for(h);
    ASSERT_EQ(place->valid(), expected->valid);
    if (place->valid()) {
      ASSERT_EQ(name_of(*place), expected->name) << "another victim";
      ++evictions;
    }
    array_.fill(place, tlb::entry_of(k, h.size_index, m), h.page_log2);
    plain_.fill(expected, h);
  }

  void invalidate() {
    const selector s = any_selector();
    const unsigned took = array_.template drop<In>(s);
    ASSERT_EQ(took, plain_.drop(s));
    dropped += took;
  }
  /// Of every instruction and event, and of ranges, which none of them fills.
  selector any_selector() {
    const paging::translation_tags now = any_tags();
    const std::uint64_t at = any().address | below(4096);
    switch (below(14)) {
      case 0:
      case 1: return paging::invlpg(gva(at), now);
      case 2: return paging::mov_cr3(static_cast<std::uint16_t>(now.process), now);
      case 3: return paging::whole_vpid(now);
      case 4:
        return paging::invpcid(static_cast<paging::invpcid_type>(below(4)), static_cast<std::uint16_t>(now.process),
                               gva(at), now);
      case 5: return paging::invept(static_cast<paging::invept_type>(1 + below(2)), now.second << 12);
      case 6: return paging::invvpid(static_cast<paging::invvpid_type>(below(4)), now.space, gva(at));
      case 7: return paging::vm_transition_without_vpid();
      case 8: return paging::invlpga(gva(at), now.space);
      case 9:
        return paging::vmrun(
            std::array{paging::tlb_control::nothing, paging::tlb_control::flush_all, paging::tlb_control::flush_asid,
                       paging::tlb_control::flush_asid_keep_globals}[below(4)],
            now.space);
      case 10: return paging::ept_violation_guest_physical(gpa(at), now);
      case 11: return paging::ept_violation_combined(gva(at), now);
      case 12: return paging::page_fault(gva(at), now);
      default: break;
    }
    selector s = below(2) == 0 ? paging::whole_vpid(now) : paging::vmrun(paging::tlb_control::flush_all, 0);
    s.by_address = true;
    s.first = at;
    s.last = at + (std::uint64_t{1} << below(34));
    return s;
  }

  shape shape_;
  tlb::array_config config_;
  tlb::tlb_array array_;
  plain_array plain_;
  std::mt19937 random_;
  std::uint64_t fills_ = 0;
  std::array<plain_array::held, 32> recent_;  // what was asked, so that it is asked again
};

using parameters = std::tuple<shape, unsigned>;
class arrays : public testing::TestWithParam<parameters> {
 protected:
  template <class In>
  void compare() {
    const auto& [s, policy] = GetParam();
    const std::uint32_t seed = seed_of_run();
    SCOPED_TRACE(testing::Message() << "NESTWALK_SEED=" << seed);
    pair_of_arrays<In> both(s, policies[policy], seed);
    for (unsigned i = 0; i < s.operations; ++i) {
      both.step();
      if (HasFatalFailure()) FAIL() << "operation " << i;
    }
    EXPECT_GT(both.hits, s.operations / 50);
    EXPECT_GT(both.dropped, s.operations / 50);
    EXPECT_GT(both.evictions, 20u);
  }
};

TEST_P(arrays, of_linear_addresses_hit_evict_and_lose_what_a_plain_one_does) {
  compare<gva>();
}
TEST_P(arrays, of_guest_physical_addresses_hit_evict_and_lose_what_a_plain_one_does) {
  compare<gpa>();
}

INSTANTIATE_TEST_SUITE_P(shapes, arrays, testing::Combine(testing::ValuesIn(shapes), testing::Range(0u, 4u)),
                         [](const auto& p) {
                           return std::string(std::get<0>(p.param).name) + "_" + policy_names[std::get<1>(p.param)];
                         });

}  // namespace
