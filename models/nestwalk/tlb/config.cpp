#include "nestwalk/tlb/config.h"

#include <utility>
#include <vector>

#include "nestwalk/configuration/group.h"
#include "nestwalk/configuration/rules.h"
#include "nestwalk/tlb/page_size.h"

namespace nestwalk::tlb {
namespace {

void describe_array(const configuration::group& into, const std::string& what, array_config& c) {
  constexpr configuration::whole_numbers entries{0, 1 << 20};
  into.whole("entries", "entries", entries, "entries of the " + what + "; with 0 it is not built", c.entries);
  into.whole("ways", "ways", entries, "ways of the " + what + ", a divisor of the entries; 0 is fully associative",
             c.ways);
  into.set("pages", {page_size_names.begin(), page_size_names.end()}, "page sizes that the " + what + " holds",
           c.sizes);
  into.rule(configuration::ways_divide_entries(c.entries, c.ways));
}

}  // namespace

void describe(const configuration::group& into, const std::string& what, tlb_config& c) {
  describe_array(into, what, c.base);
  describe_array(into.child("large"), what + "'s second array", c.large);
  describe_array(into.child("huge"), what + "'s third array", c.huge);
  into.whole("latency", "cycles", {0, 10'000}, "time of a look-up in the " + what + ", hit or miss", c.latency_cycles);
  describe_replacement(into, what, c.replacement, c.seed);
}

void describe_replacement(const configuration::group& into, const std::string& what, replacement_policy& policy,
                          std::uint32_t& seed) {
  into.choice<replacement_policy>("replacement",
                                  {{"lru", replacement_policy::lru},
                                   {"tree-plru", replacement_policy::tree_plru},
                                   {"fifo", replacement_policy::fifo},
                                   {"random", replacement_policy::random}},
                                  "which entry of the " + what + " is replaced", policy);
  into.whole("seed", "", {0, 0xffffffff}, "seed of random replacement in the " + what, seed);
}

}  // namespace nestwalk::tlb
