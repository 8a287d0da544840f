#include "nestwalk/tlb/entry_index.h"

namespace nestwalk::tlb {

entry_index::entry_index(entry* first, unsigned sets, unsigned ways)
    : first_(first),
      ways_(ways),
      by_key_(std::size_t{sets} * ways),
      domains_(std::size_t{sets} * ways),
      fragments_(std::size_t{sets} * ways),
      page_log2_(std::size_t{sets} * ways),
      free_(sets, ways) {}

entry* entry_index::find(const key& k, unsigned size_index) const {
  entry* found = nullptr;
  const auto along = [&](std::uint64_t hash) {
    for (auto slot = by_key_.first(hash); slot != by_key_.none; slot = by_key_.next(slot)) {
      entry* const e = first_ + slot;
      if (e->matches(k, size_index) && (found == nullptr || e < found)) found = e;
    }
  };
  key at = page_key(k, size_index);
  along(hash_of(at));
  if (globals_ != 0) {
    at.tags |= key_bits::global;
    along(hash_of(at));
  }
  return found;
}

void entry_index::add(const entry* e, unsigned page_log2) {
  const std::uint32_t slot = slot_of(e);
  const key domain = domain_key(e->at);
  by_key_.add(slot, hash_of(e->at));
  domains_.add(slot, domain);
  free_.take(slot / ways_, slot % ways_);
  ++held_[e->size_index()];
  globals_ += e->global() ? 1 : 0;
  page_log2_[slot] = static_cast<std::uint8_t>(page_log2);
  if (!is_fragment(e->size_index(), page_log2)) return;
  fragments_.add(slot, page_around(e->at.page, page_log2, domain));
  ++split_[page_log2];
}

void entry_index::remove(const entry* e) {
  const std::uint32_t slot = slot_of(e);
  by_key_.remove(slot, hash_of(e->at));
  domains_.remove(slot);
  free_.release(slot / ways_, slot % ways_);
  --held_[e->size_index()];
  globals_ -= e->global() ? 1 : 0;
  if (!is_fragment(e->size_index(), page_log2_[slot])) return;
  fragments_.remove(slot);
  --split_[page_log2_[slot]];
}

std::uint64_t entry_index::steps_along(const paging::selector& s) const {
  std::uint64_t steps = 0;
  const auto count = [&](unsigned log2) { steps += (s.last >> log2) - (s.first >> log2) + 1; };
  for (unsigned size = 0; size < page_size_count; ++size)
    if (held_[size] != 0) count(page_size_log2[size]);
  for (unsigned log2 = 0; log2 < split_.size(); ++log2)
    if (split_[log2] != 0) count(log2);
  return steps;
}

void entry_index::gather_along(const paging::selector& s, const key& domain, std::vector<entry*>& into) const {
  for (unsigned size = 0; size < page_size_count; ++size) {
    if (held_[size] == 0) continue;
    const unsigned log2 = page_size_log2[size];
    for (std::uint64_t number = s.first >> log2; number <= s.last >> log2; ++number) {
      const std::uint64_t hash = hash_of(key{number << log2, domain.tags | size, domain.process});
      for (auto slot = by_key_.first(hash); slot != by_key_.none; slot = by_key_.next(slot))
        into.push_back(first_ + slot);
    }
  }
  for (unsigned log2 = 0; log2 < split_.size(); ++log2) {
    if (split_[log2] == 0) continue;
    for (std::uint64_t number = s.first >> log2; number <= s.last >> log2; ++number) {
      const fragments::group g = fragments_.find(page_around(number << log2, log2, domain));
      if (g != fragments::none) gather_group(fragments_, g, into);
    }
  }
}

}  // namespace nestwalk::tlb
