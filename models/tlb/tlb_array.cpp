#include "tlb/tlb_array.h"

#include <algorithm>

#include "protocol/error.h"

namespace nestwalk::tlb {

namespace {

const array_config& checked(const array_config& c, const std::string& owner) {
  const std::string entries = std::to_string(c.entries);
  if (c.entries == 0) throw input_error(owner + ": an array of 0 entries: leave it out, or give it at least one entry");
  if (c.ways != 0 && c.entries % c.ways != 0)
    throw input_error(owner + ": " + std::to_string(c.ways) + " ways do not divide " + entries +
                      " entries: take ways that do, or 0 for full associativity");
  if ((c.sizes & ((1u << page_size_count) - 1)) == 0)
    throw input_error(owner + ": an array that holds no page size: name at least one of 4K, 2M, 4M, 1G");
  const unsigned ways = c.ways == 0 ? c.entries : c.ways;
  if (c.replacement == replacement_policy::tree_plru && ways > replacement::most_tree_ways)
    throw input_error(owner + ": tree-plru over " + std::to_string(ways) + " ways: it takes up to " +
                      std::to_string(replacement::most_tree_ways));
  return c;
}

unsigned ways_of(const array_config& c) {
  return c.ways == 0 ? c.entries : c.ways;
}

}  // namespace

tlb_array::tlb_array(const array_config& c, const std::string& owner)
    : sizes_(checked(c, owner).sizes),
      ways_(ways_of(c)),
      sets_(c.entries / ways_of(c)),
      entries_(c.entries),
      recent_(sets_),
      fragment_(c.entries),
      replacement_(c.replacement, sets_, ways_, c.seed) {
  if (sets_ > 1 && (sets_ & (sets_ - 1)) == 0) set_mask_ = sets_ - 1;
}

entry* tlb_array::place_for(const key& k, unsigned size_index) {
  entry* const first = set_of(k, size_index);
  entry* const invalid = std::find_if(first, first + ways_, [](const entry& way) { return !way.valid(); });
  return invalid != first + ways_ ? invalid : first + replacement_.victim(set_index(first));
}

void tlb_array::fill(entry* place, const entry& e, bool fragment) {
  if (place->valid()) drop_entry(place);
  *place = e;
  ++valid_of_[e.size_index()];
  fragment_[index_of(place)] = fragment ? 1 : 0;
  fragments_ += fragment ? 1 : 0;
  const unsigned set = set_index(place);
  recent_[set] = place;
  replacement_.filled(set, way_index(place));
}

void tlb_array::drop_entry(entry* e) {
  --valid_of_[e->size_index()];
  e->at.tags = 0;
  fragments_ -= fragment_[index_of(e)];
}

}  // namespace nestwalk::tlb
