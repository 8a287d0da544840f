#include "nestwalk/walker/walker_config.h"

#include "nestwalk/configuration/group.h"
#include "nestwalk/configuration/rules.h"

namespace nestwalk::walker {
namespace {

void describe_cache(const configuration::group& into, const std::string& what, walk_cache_size& c) {
  constexpr configuration::whole_numbers entries{0, 1 << 20};
  into.whole("entries", "entries", entries, "entries of the " + what + "; with 0 it is not built", c.entries);
  into.whole("ways", "ways", entries, "ways of the " + what + ", a divisor of the entries; 0 is fully associative",
             c.ways);
  into.rule(configuration::ways_divide_entries(c.entries, c.ways));
}

}  // namespace

void describe(const configuration::group& into, const std::string& what, walker_config& c) {
  constexpr configuration::whole_numbers cycles{0, 10'000};
  into.whole("start", "cycles", cycles, "time that a walk of the " + what + " takes before its first step",
             c.start_cycles);
  into.whole("step", "cycles", cycles, "time that the " + what + " adds to each read of an entry", c.step_cycles);
  into.whole("exchange", "cycles", cycles,
             "time that the " + what + " adds to each exchange, which sets the flags of an entry", c.exchange_cycles);
  into.whole("cache_step", "cycles", cycles, "time of a look-up in the walk caches of the " + what, c.cache_cycles);
  describe_cache(into.child("pml5e"), what + "'s cache of PML5 entries", c.caches.pml5e);
  describe_cache(into.child("pml4e"), what + "'s cache of PML4 entries", c.caches.pml4e);
  describe_cache(into.child("pdpte"), what + "'s cache of PDPT entries", c.caches.pdpte);
  describe_cache(into.child("pde"), what + "'s cache of page-directory entries", c.caches.pde);
}

void describe_guest_walker(const configuration::group& into, const std::string& what, walker_config& c) {
  describe(into, what, c);
  into.choice<held_address>(
      "holds", {{"gpa", held_address::guest_physical}, {"hpa", held_address::host_physical}},
      "where its walk caches say that a table lies under a second stage: its guest-physical address, to be "
      "translated again, or its host-physical one",
      c.caches.holds);
  into.truth(
      "asks_again",
      "whether it asks the second stage again before it sets flags, though the translation for its read permits the "
      "write",
      c.asks_again);
}

}  // namespace nestwalk::walker
