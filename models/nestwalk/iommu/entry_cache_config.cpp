#include "nestwalk/iommu/entry_cache_config.h"

#include "nestwalk/configuration/group.h"
#include "nestwalk/configuration/rules.h"

namespace nestwalk::iommu {

void describe(const configuration::group& into, const std::string& what, entry_cache_config& c) {
  constexpr configuration::whole_numbers entries{0, 1 << 20};
  into.whole("entries", "entries", entries, "entries of the " + what + "; with 0 it is not built", c.entries);
  into.whole("ways", "ways", entries, "ways of the " + what + ", a divisor of the entries; 0 is fully associative",
             c.ways);
  into.rule(configuration::ways_divide_entries(c.entries, c.ways));
  into.whole("latency", "cycles", {0, 10'000}, "time of a look-up in the " + what + ", hit or miss", c.latency_cycles);
  tlb::describe_replacement(into, what, c.replacement, c.seed);
}

}  // namespace nestwalk::iommu
