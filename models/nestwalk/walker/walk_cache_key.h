// What distinguishes a walk cache's entries of one address.
#pragma once

#include <cstdint>

#include "nestwalk/associative/hash_chains.h"
#include "nestwalk/paging/tags.h"

namespace nestwalk::walker {

/// Under which tags an entry of a walk cache stands.
struct walk_cache_key {
  paging::packed_tags tags;

  friend bool operator==(const walk_cache_key& a, const walk_cache_key& b) { return a.tags == b.tags; }
  friend std::uint64_t hash_of(const walk_cache_key& k) { return associative::mix(k.tags.word, k.tags.process); }
};

}  // namespace nestwalk::walker
