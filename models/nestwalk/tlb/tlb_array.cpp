#include "nestwalk/tlb/tlb_array.h"

#include <algorithm>

#include "nestwalk/protocol/error.h"

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
  return c;
}

unsigned ways_of(const array_config& c) {
  return c.ways == 0 ? c.entries : c.ways;
}

}  // namespace

tlb_array::tlb_array(const array_config& c, replacement_policy policy, std::uint32_t seed, const std::string& owner)
    : sizes_(checked(c, owner).sizes),
      ways_(ways_of(c)),
      sets_(c.entries / ways_of(c)),
      entries_(c.entries),
      recent_(sets_),
      fragment_(c.entries),
      replacement_(policy, sets_, ways_, seed) {
  if (sets_ > 1 && (sets_ & (sets_ - 1)) == 0) set_mask_ = sets_ - 1;
  if (ways_ > most_scanned_ways || c.entries > most_scanned_entries)
    index_ = std::make_unique<entry_index>(entries_.data(), sets_, ways_);
}

entry* tlb_array::place_among(entry* first) {
  entry* const invalid = std::find_if(first, first + ways_, [](const entry& way) { return !way.valid(); });
  return invalid != first + ways_ ? invalid : victim_among(first);
}

entry* tlb_array::place_by_index(entry* first) {
  entry* const invalid = index_->first_free(first);
  return invalid != first + ways_ ? invalid : victim_among(first);
}

void tlb_array::put_by_index(entry* place, const entry& e, unsigned page_log2) {
  if (place->valid()) index_->remove(place);
  put(place, e, page_log2);
  index_->add(place, page_log2);
}

void tlb_array::put(entry* place, const entry& e, unsigned page_log2) {
  if (place->valid()) take_out(place);
  *place = e;
  ++valid_of_[e.size_index()];
  const bool fragment = is_fragment(e.size_index(), page_log2);
  fragment_[index_of(place)] = fragment ? 1 : 0;
  fragments_ += fragment ? 1 : 0;
  const unsigned set = set_index(place);
  recent_[set] = place;
  replacement_.filled(set, way_index(place));
}

void tlb_array::drop_entry(entry* e) {
  if (index_ != nullptr) index_->remove(e);
  take_out(e);
}

}  // namespace nestwalk::tlb
